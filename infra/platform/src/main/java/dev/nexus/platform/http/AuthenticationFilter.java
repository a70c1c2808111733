package dev.nexus.platform.http;

import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.KeyRing.Verdict;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.net.InetAddress;
import java.util.List;

/// Asks every request for its key, except on paths that are open by name. It runs off the event
/// loop, because the audit record of a refusal is written before the refusal is answered.
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Requires(beans = AccessControl.class)
public final class AuthenticationFilter implements Ordered {
  /// Request attribute with the `Principal` of the call.
  public static final String PRINCIPAL = "nexus.principal";

  /// Anyone may read these: schemas and descriptions are no secret.
  private static final List<String> OPEN = List.of("/registry", "/docs");

  /// These prove who they are by a signature over their body.
  private static final String HOOKS = "/v1/hooks/";

  /// These are open to this machine only.
  private static final List<String> OPEN_ON_LOOPBACK = List.of("/health", "/metrics");

  private final AccessControl access;

  public AuthenticationFilter(AccessControl access) {
    this.access = access;
  }

  /// Throws `AccessRefusedException`, which is answered with 401.
  @RequestFilter
  @ExecuteOn(TaskExecutors.BLOCKING)
  public void authenticate(HttpRequest<?> request) {
    if (isOpen(request)) {
      return;
    }
    switch (access.verify(presentedKey(request))) {
      case Verdict.Valid(var principal) -> request.setAttribute(PRINCIPAL, principal);
      case Verdict.Invalid invalid ->
          throw access.refuse(invalid, action(request), "", remoteAddress(request));
    }
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  private static boolean isOpen(HttpRequest<?> request) {
    String path = request.getPath();
    return path.startsWith(HOOKS)
        || OPEN.stream().anyMatch(open -> isUnder(open, path))
        || OPEN_ON_LOOPBACK.stream().anyMatch(open -> isUnder(open, path)) && isLoopback(request);
  }

  private static boolean isUnder(String open, String path) {
    return path.startsWith(open)
        && (path.length() == open.length() || path.charAt(open.length()) == '/');
  }

  private static boolean isLoopback(HttpRequest<?> request) {
    InetAddress address = request.getRemoteAddress().getAddress();
    return address != null && address.isLoopbackAddress();
  }

  static String presentedKey(HttpRequest<?> request) {
    HttpHeaders headers = request.getHeaders();
    return AccessControl.presentedKey(
        headers.get(HttpHeaders.AUTHORIZATION, String.class).orElse(""),
        headers.get("X-API-Key", String.class).orElse(""));
  }

  /// Address of the client as the server saw it, as it stands in the audit.
  public static String remoteAddress(HttpRequest<?> request) {
    InetAddress address = request.getRemoteAddress().getAddress();
    return address == null ? request.getRemoteAddress().getHostString() : address.getHostAddress();
  }

  static String action(HttpRequest<?> request) {
    return request.getMethodName() + " " + request.getPath();
  }
}
