package dev.nexus.platform.http;

import io.micronaut.context.annotation.Primary;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.Error;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;

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
    Problem problem = Problem.of(status, kind(status), detail(status, context.getErrors()));
    MutableHttpResponse<String> answer = response.contentType(Problem.MEDIA_TYPE).body("");
    return request.getMethod() == HttpMethod.HEAD
        ? answer
        : answer.body(problem.toJson(request.getPath()));
  }

  private static String kind(HttpStatus status) {
    return status.getReason().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
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
