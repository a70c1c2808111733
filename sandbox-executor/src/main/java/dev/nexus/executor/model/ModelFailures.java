package dev.nexus.executor.model;

import com.openai.core.http.Headers;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import dev.nexus.event.Excerpt;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/// Tells the kinds of failure of a model call apart.
final class ModelFailures {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  private static final int MAX_DETAIL = 500;

  private final String baseUrl;
  private final Clock clock;

  ModelFailures(String baseUrl, Clock clock) {
    this.baseUrl = baseUrl;
    this.clock = clock;
  }

  ChatReply.Failed of(OpenAIException failure, ChatRequest request) {
    if (isTimeout(failure) && !isConnecting(deepest(failure))) {
      return called(
          FailureClass.TIMEOUT,
          baseUrl + " gave no whole answer within " + request.timeout().toMillis() + " ms",
          Duration.ZERO);
    }
    return switch (failure) {
      case OpenAIServiceException answered -> ofStatus(answered, request);
      case OpenAIIoException broken -> ofConnection(broken);
      default ->
          called(
              FailureClass.INVALID_RESULT,
              "an OpenAI chat completion expected from "
                  + baseUrl
                  + ", found something else: "
                  + deepest(failure).getMessage(),
              Duration.ZERO);
    };
  }

  private ChatReply.Failed ofStatus(OpenAIServiceException answered, ChatRequest request) {
    int status = answered.statusCode();
    String said = baseUrl + " answered " + status + ": " + answered.getMessage();
    Duration after = retryAfter(answered.headers());
    return switch (status) {
      case 401, 403 ->
          called(FailureClass.PERMISSION, said + " (is NEXUS_LLM_API_KEY right?)", Duration.ZERO);
      case 404 ->
          called(
              FailureClass.INVALID_DEFINITION,
              said + " (is there a model '" + request.model() + "'?)",
              Duration.ZERO);
      case 408 -> called(FailureClass.TIMEOUT, said, after);
      case 429 -> called(FailureClass.RATE_LIMITED, said, after);
      default ->
          status >= 500 || status == 409
              ? called(FailureClass.UPSTREAM, said, after)
              : called(
                  status >= 400 ? FailureClass.REFUSED : FailureClass.INVALID_RESULT,
                  said,
                  Duration.ZERO);
    };
  }

  private ChatReply.Failed ofConnection(OpenAIIoException broken) {
    Throwable cause = deepest(broken);
    if (isConnecting(cause)) {
      return ChatReply.Failed.of(
          FailureClass.UNREACHABLE,
          Excerpt.of(baseUrl + " cannot be reached: " + cause.getMessage(), MAX_DETAIL));
    }
    return called(
        FailureClass.UPSTREAM,
        baseUrl + " broke the connection: " + cause.getMessage(),
        Duration.ZERO);
  }

  /// A call that was made counts, whatever became of it.
  private static ChatReply.Failed called(FailureClass failure, String detail, Duration after) {
    return new ChatReply.Failed(
        failure, Excerpt.of(detail, MAX_DETAIL), after, new Usage("", 0, 0, 0, 1, Duration.ZERO));
  }

  private static boolean isConnecting(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof UnknownHostException
        || cause instanceof NoRouteToHostException
        || (cause instanceof SocketTimeoutException
            && String.valueOf(cause.getMessage()).contains("onnect"));
  }

  private static boolean isTimeout(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof InterruptedIOException) {
        return true;
      }
    }
    return false;
  }

  private static Throwable deepest(Throwable failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest;
  }

  /// `retry-after-ms`, or `Retry-After` in seconds or as a date; zero when there is none to use.
  private Duration retryAfter(Headers headers) {
    Duration wait = Duration.ZERO;
    try {
      var millis = headers.values("retry-after-ms");
      var text = headers.values("retry-after");
      if (!millis.isEmpty()) {
        wait = Duration.ofMillis((long) Double.parseDouble(millis.getFirst().strip()));
      } else if (!text.isEmpty()) {
        wait = parse(text.getFirst().strip());
      }
    } catch (NumberFormatException | DateTimeException e) {
      return Duration.ZERO;
    }
    return wait.isNegative()
        ? Duration.ZERO
        : wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  private Duration parse(String text) {
    if (Character.isDigit(text.isEmpty() ? ' ' : text.charAt(0))) {
      return Duration.ofMillis((long) (Double.parseDouble(text) * 1000));
    }
    Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    return Duration.between(clock.instant(), until);
  }
}
