package dev.nexus.platform.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;

/// Answers with the problem a handler threw.
@Singleton
@Produces(Problem.MEDIA_TYPE)
public final class ProblemExceptionHandler
    implements ExceptionHandler<ProblemException, HttpResponse<?>> {

  @Override
  public HttpResponse<?> handle(HttpRequest request, ProblemException exception) {
    return ProblemResponses.of(request, exception.problem());
  }
}
