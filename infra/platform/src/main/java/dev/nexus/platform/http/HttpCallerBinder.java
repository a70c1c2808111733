package dev.nexus.platform.http;

import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.Principal;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.convert.ArgumentConversionContext;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.bind.binders.TypedRequestArgumentBinder;
import jakarta.inject.Singleton;
import java.util.Optional;

/// Gives controllers their `HttpCaller`. Without a principal the call ends: a path that slips past
/// the filter is closed all the same.
@Singleton
@Requires(beans = AccessControl.class)
public final class HttpCallerBinder implements TypedRequestArgumentBinder<HttpCaller> {
  private final AccessControl access;

  public HttpCallerBinder(AccessControl access) {
    this.access = access;
  }

  @Override
  public Argument<HttpCaller> argumentType() {
    return Argument.of(HttpCaller.class);
  }

  @Override
  public BindingResult<HttpCaller> bind(
      ArgumentConversionContext<HttpCaller> context, HttpRequest<?> request) {
    String remote = AuthenticationFilter.remoteAddress(request);
    Principal principal =
        request
            .getAttribute(AuthenticationFilter.PRINCIPAL, Principal.class)
            .orElseGet(
                () ->
                    access.authenticate(
                        AuthenticationFilter.presentedKey(request),
                        AuthenticationFilter.action(request),
                        remote));
    return () -> Optional.of(new HttpCaller(principal, remote, access));
  }
}
