package dev.nexus.platform.http;

import dev.nexus.platform.security.AccessRefusedException;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;

/// Problems as answers to requests.
public final class ProblemResponses {
  private ProblemResponses() {}

  public static MutableHttpResponse<String> of(HttpRequest<?> request, Problem problem) {
    MutableHttpResponse<String> answer =
        HttpResponse.<String>status(problem.status())
            .contentType(Problem.MEDIA_TYPE)
            .body(problem.toJson(request.getPath()));
    return problem.retryAfter().isPositive()
        ? answer.header(HttpHeaders.RETRY_AFTER, Long.toString(problem.retryAfterSeconds()))
        : answer;
  }

  public static MutableHttpResponse<String> of(
      HttpRequest<?> request, AccessRefusedException refusal) {
    return switch (refusal.kind()) {
      case UNAUTHENTICATED ->
          of(request, Problem.of(HttpStatus.UNAUTHORIZED, "unauthenticated", message(refusal)))
              .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"nexus\"");
      case FORBIDDEN ->
          of(request, Problem.of(HttpStatus.FORBIDDEN, "forbidden", message(refusal)));
      case TOO_OFTEN -> of(request, tooOften(refusal));
    };
  }

  /// What an address is told that is to wait.
  public static Problem tooOften(AccessRefusedException refusal) {
    return Problem.of(HttpStatus.TOO_MANY_REQUESTS, "refused-too-often", message(refusal))
        .retryAfter(refusal.retryAfter());
  }

  private static String message(AccessRefusedException refusal) {
    return String.valueOf(refusal.getMessage());
  }
}
