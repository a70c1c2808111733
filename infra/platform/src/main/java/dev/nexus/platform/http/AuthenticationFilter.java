package dev.nexus.platform.http;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.KeyRing.Verdict;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.BasicHttpAttributes;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpRequest;
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
  static final String HOOKS = "/v1/hooks/";

  /// These are open to this machine only.
  private static final List<String> OPEN_ON_LOOPBACK = List.of("/health", "/metrics");

  /// Request attribute with the address of the caller, where a proxy tells it.
  private static final String TOLD_BY_PROXY = "nexus.caller-address";

  private static final String FORWARDED_FOR = "X-Forwarded-For";

  private final AccessControl access;
  private final boolean behindProxy;

  public AuthenticationFilter(AccessControl access, Settings settings) {
    this.access = access;
    this.behindProxy = settings.flag(Setting.BEHIND_PROXY);
  }

  /// Throws `AccessRefusedException`, which is answered with 401.
  @RequestFilter
  @ExecuteOn(TaskExecutors.BLOCKING)
  public void authenticate(HttpRequest<?> request) {
    if (behindProxy) {
      // Entries before the last are what the caller says of itself.
      List<String> told = request.getHeaders().getAll(FORWARDED_FOR);
      if (!told.isEmpty()) {
        String last = told.getLast();
        request.setAttribute(TOLD_BY_PROXY, last.substring(last.lastIndexOf(',') + 1).strip());
      }
    }
    if (isOpen(request)) {
      return;
    }
    switch (access.verify(presentedKey(request))) {
      case Verdict.Valid(var principal) -> request.setAttribute(PRINCIPAL, principal);
      case Verdict.Invalid invalid ->
          throw access.refuse(invalid, action(request), route(request), remoteAddress(request));
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

  /// What came through a proxy is not of this machine, wherever the proxy is.
  private static boolean isLoopback(HttpRequest<?> request) {
    if (request.getAttribute(TOLD_BY_PROXY).isPresent()) {
      return false;
    }
    InetAddress address = request.getRemoteAddress().getAddress();
    return address != null && address.isLoopbackAddress();
  }

  static String presentedKey(HttpRequest<?> request) {
    HttpHeaders headers = request.getHeaders();
    return AccessControl.presentedKey(
        headers.get(HttpHeaders.AUTHORIZATION, String.class).orElse(""),
        headers.get("X-API-Key", String.class).orElse(""));
  }

  /// Address of the caller as it stands in the audit: as the server saw it, or as the proxy told.
  public static String remoteAddress(HttpRequest<?> request) {
    return request.getAttribute(TOLD_BY_PROXY, String.class).orElseGet(() -> seenAddress(request));
  }

  /// The caller's address for the server behind this one, which is its proxy.
  public static void tellAddress(HttpRequest<?> request, MutableHttpRequest<?> passed) {
    passed.getHeaders().remove(FORWARDED_FOR);
    passed.header(FORWARDED_FOR, remoteAddress(request));
  }

  private static String seenAddress(HttpRequest<?> request) {
    InetAddress address = request.getRemoteAddress().getAddress();
    return address == null ? request.getRemoteAddress().getHostString() : address.getHostAddress();
  }

  static String action(HttpRequest<?> request) {
    return request.getMethodName() + " " + request.getPath();
  }

  /// The same for every call of one kind, whatever ids its path has.
  private static String route(HttpRequest<?> request) {
    return request.getMethod() + " " + BasicHttpAttributes.getUriTemplate(request).orElse("");
  }
}
