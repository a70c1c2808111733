package dev.nexus.mcp.protocol;

import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Keeps web pages of others away: a page may send requests here, by a name of its own that it lets
/// point here (DNS rebinding), but its browser tells where it came from. This machine's own names
/// are known, and those the server is told that it has.
final class KnownNames {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private final Set<String> others = new TreeSet<>();

  /// @param others with commas between them; "" for none
  KnownNames(String others) {
    Arrays.stream(others.split(","))
        .map(name -> name.strip().toLowerCase(Locale.ROOT))
        .filter(name -> !name.isEmpty())
        .forEach(this.others::add);
  }

  /// What is wrong with a request's `Host` and `Origin` ("" when missing); "" when nothing is.
  String objection(String host, String origin) {
    if (!host.isEmpty() && !isKnown("http://" + host)) {
      return "Host '" + host + "' is no name of this server: call " + names() + advice();
    }
    if (!origin.isEmpty() && !isKnown(origin)) {
      return "Origin '"
          + origin
          + "' is not allowed: only pages of "
          + names()
          + " may call"
          + advice();
    }
    return "";
  }

  private String names() {
    return others.isEmpty()
        ? "localhost or 127.0.0.1"
        : "localhost, 127.0.0.1 or " + String.join(" or ", others);
  }

  private static String advice() {
    return " (NEXUS_HTTP_NAMES adds names)";
  }

  private boolean isKnown(String url) {
    try {
      String host = URI.create(url).getHost();
      return host != null
          && (LOOPBACK.contains(host.toLowerCase(Locale.ROOT))
              || others.contains(host.toLowerCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
