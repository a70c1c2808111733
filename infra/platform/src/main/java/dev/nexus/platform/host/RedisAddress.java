package dev.nexus.platform.host;

import io.lettuce.core.RedisURI;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the URL of a Redis says, beside what may be a password.
public final class RedisAddress {
  /// How long Redis may take to greet a connection or to answer a command that says nothing else.
  /// The client's own minute is longer than somebody who asks waits to hear that it is silent.
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

  private static final Set<String> IPV6_LOOPBACK = Set.of("::1", "[::1]");

  private RedisAddress() {}

  /// The URL for a client, which gives Redis ten seconds to answer unless the URL has a time.
  static RedisURI uri(String url) {
    RedisURI uri = RedisURI.create(url);
    if (!hasTimeout(url)) {
      uri.setTimeout(ANSWERS_WITHIN);
      uri.getSentinels().forEach(sentinel -> sentinel.setTimeout(ANSWERS_WITHIN));
    }
    return uri;
  }

  private static boolean hasTimeout(String url) {
    return Optional.ofNullable(URI.create(url).getRawQuery()).stream()
        .flatMap(query -> Stream.of(query.split("&", -1)))
        .anyMatch(
            one -> one.toLowerCase(Locale.ROOT).startsWith(RedisURI.PARAMETER_NAME_TIMEOUT + "="));
  }

  /// Whether Redis is on this machine for sure: at a socket, or at an address of loopback. Whom
  /// sentinels name may be anywhere.
  public static boolean isHere(String url) {
    RedisURI uri = RedisURI.create(url);
    if (uri.getSocket() != null) {
      return true;
    }
    String host = String.valueOf(uri.getHost());
    return uri.getSentinels().isEmpty()
        && (host.equals("localhost") || host.startsWith("127.") || IPV6_LOOPBACK.contains(host));
  }

  /// For people: host and port, the path of a socket, or the sentinels and whom they know.
  public static String shown(String url) {
    RedisURI uri = RedisURI.create(url);
    if (uri.getSocket() != null) {
      return uri.getSocket();
    }
    if (!uri.getSentinels().isEmpty()) {
      return uri.getSentinels().stream()
              .map(RedisAddress::hostAndPort)
              .collect(Collectors.joining(", "))
          + " (sentinels of "
          + uri.getSentinelMasterId()
          + ")";
    }
    return hostAndPort(uri);
  }

  private static String hostAndPort(RedisURI uri) {
    return uri.getHost() + ":" + uri.getPort();
  }
}
