package dev.nexus.platform.http;

import dev.nexus.platform.security.AccessRefusedException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;

/// Answers 401 or 403; the audit has the refusal already.
@Singleton
@Produces(Problem.MEDIA_TYPE)
public final class AccessRefusedHandler
    implements ExceptionHandler<AccessRefusedException, HttpResponse<?>> {

  @Override
  public HttpResponse<?> handle(HttpRequest request, AccessRefusedException exception) {
    return ProblemResponses.of(request, exception);
  }
}
