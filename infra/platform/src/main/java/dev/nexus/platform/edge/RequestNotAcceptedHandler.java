package dev.nexus.platform.edge;

import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemResponses;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers 503 when the log takes no requests: whoever called may try again with the same key.
@Singleton
@Produces(Problem.MEDIA_TYPE)
public final class RequestNotAcceptedHandler
    implements ExceptionHandler<RequestNotAcceptedException, HttpResponse<?>> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestNotAcceptedHandler.class);

  @Override
  public HttpResponse<?> handle(HttpRequest request, RequestNotAcceptedException failure) {
    LOG.atWarn()
        .setCause(failure)
        .addKeyValue("path", request.getPath())
        .log("request not accepted");
    return ProblemResponses.of(request, problem()).header(HttpHeaders.RETRY_AFTER, "2");
  }

  /// What whoever called is told.
  public static Problem problem() {
    return Problem.of(
        HttpStatus.SERVICE_UNAVAILABLE,
        "log-unavailable",
        "the log does not take requests now: try again with the same Idempotency-Key");
  }
}
