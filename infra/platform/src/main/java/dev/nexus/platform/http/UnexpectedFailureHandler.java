package dev.nexus.platform.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last resort: what nobody foresaw is logged whole and answered without its inner workings.
@Singleton
@Produces(Problem.MEDIA_TYPE)
public final class UnexpectedFailureHandler
    implements ExceptionHandler<Throwable, HttpResponse<?>> {
  private static final Logger LOG = LoggerFactory.getLogger(UnexpectedFailureHandler.class);

  @Override
  public HttpResponse<?> handle(HttpRequest request, Throwable failure) {
    String incident = UUID.randomUUID().toString();
    LOG.atError()
        .setCause(failure)
        .addKeyValue("incident", incident)
        .addKeyValue("method", request.getMethodName())
        .addKeyValue("path", request.getPath())
        .log("request failed");
    return ProblemResponses.of(request, problem(incident));
  }

  /// What whoever called is told.
  ///
  /// @param incident under which the log tells more
  public static Problem problem(String incident) {
    return Problem.of(
            HttpStatus.INTERNAL_SERVER_ERROR,
            "internal",
            "something failed here that should not; the log tells more under incident " + incident)
        .with("incident", incident);
  }
}
