package dev.nexus.mcp.protocol;

import java.net.URI;
import java.util.Locale;
import java.util.Set;

/// Keeps web pages of others away from a server that listens on this machine: a page may send
/// requests here, by a name of its own that it lets point here (DNS rebinding), but its browser
/// tells where it came from.
final class LocalOnly {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private LocalOnly() {}

  /// What is wrong with a request's `Host` and `Origin` ("" when missing); "" when nothing is.
  static String objection(String host, String origin) {
    if (!host.isEmpty() && !isLoopback("http://" + host)) {
      return "Host '" + host + "' is not this machine: call localhost or 127.0.0.1";
    }
    if (!origin.isEmpty() && !isLoopback(origin)) {
      return "Origin '" + origin + "' is not allowed: only pages of this machine may call";
    }
    return "";
  }

  private static boolean isLoopback(String url) {
    try {
      String host = URI.create(url).getHost();
      return host != null && LOOPBACK.contains(host.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
