package dev.nexus.platform.http;

import io.micronaut.context.annotation.Primary;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.NotAcceptableException;
import io.micronaut.http.server.exceptions.NotAllowedException;
import io.micronaut.http.server.exceptions.UnsupportedMediaException;
import io.micronaut.http.server.exceptions.response.Error;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import io.micronaut.web.router.exceptions.UnsatisfiedBodyRouteException;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/// Gives the server's own refusals (no such path, wrong method, too large, not readable) the form
/// of problem details.
@Singleton
@Primary
public final class ProblemErrorProcessor implements ErrorResponseProcessor<String> {

  @Override
  public MutableHttpResponse<String> processResponse(
      ErrorContext context, MutableHttpResponse<?> response) {
    var request = context.getRequest();
    HttpStatus status = response.status();
    String detail =
        context
            .getRootCause()
            .flatMap(ProblemErrorProcessor::told)
            .orElseGet(() -> detail(status, context.getErrors()));
    Problem problem = Problem.of(status, kind(status), detail);
    MutableHttpResponse<String> answer = response.contentType(Problem.MEDIA_TYPE).body("");
    return request.getMethod() == HttpMethod.HEAD
        ? answer
        : answer.body(problem.toJson(request.getPath()));
  }

  private static String kind(HttpStatus status) {
    return status.getReason().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  /// What was expected and what was found, as the refusal itself knows it.
  private static Optional<String> told(Throwable refusal) {
    return switch (refusal) {
      case NotAllowedException e ->
          Optional.of(
              "the method "
                  + e.getRequestMethod()
                  + " is not taken here: expected "
                  + oneOf(e.getAllowedMethods()));
      case NotAcceptableException e ->
          Optional.of(
              "the answer is "
                  + oneOf(e.getProduceableContentTypes())
                  + ": expected an Accept that takes it, found "
                  + String.join(", ", e.getAcceptedTypes()));
      case UnsupportedMediaException e ->
          Optional.of(
              "send Content-Type: "
                  + oneOf(e.getAcceptableContentTypes())
                  + "; found "
                  + e.getContentType());
      case UnsatisfiedBodyRouteException _ -> Optional.of("a body expected, found none");
      default -> Optional.empty();
    };
  }

  private static String oneOf(Collection<String> valid) {
    return String.join(" or ", new TreeSet<>(valid));
  }

  private static String detail(HttpStatus status, List<Error> errors) {
    String said = errors.isEmpty() ? "" : errors.getFirst().getMessage();
    return switch (status) {
      case NOT_FOUND -> "nothing is here: see the API for its paths";
      case REQUEST_ENTITY_TOO_LARGE ->
          "the body is too large (limit: NEXUS_MAX_BODY_BYTES): " + said;
      case UNSUPPORTED_MEDIA_TYPE -> "send Content-Type: application/json (" + said + ")";
      case INTERNAL_SERVER_ERROR -> "something failed here that should not; the log tells more";
      default -> said.isEmpty() ? status.getReason() : said;
    };
  }
}
