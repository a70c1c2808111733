package dev.nexus.platform.config;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What addresses and names must look like, and what somebody may have meant instead.
final class Shapes {
  /// Looser than `java.net.URI`: the names that containers give each other may have underscores.
  private static final Pattern URL =
      Pattern.compile(
          "https?://(?:[^/?#\\s@]*@)?(?:\\[[0-9a-fA-F:.]+]|[^/?#\\s:@\\[\\]]+)"
              + "(?::(?<port>\\d{1,5}))?(?:/\\S*)?");

  /// As Kafka's clients read it: `SSL://host:9092` will do.
  private static final Pattern BROKER =
      Pattern.compile("(?:[\\w.%-]*://)?\\[?[\\w:.%-]+]?:(?<port>\\d{1,5})");

  private static final Pattern HOST = Pattern.compile("[\\w.-]+");
  private static final Pattern HOST_AND_PORT = Pattern.compile("[\\w.-]+:\\d{1,5}(?:/\\S*)?");

  /// A header, and the name of the secret that is its value.
  private static final Pattern HEADER =
      Pattern.compile("[\\w-]+=(?:(?:env|file):)?\\w[\\w.-]{0,127}");

  /// Of topics, with room for what stands behind the prefix.
  private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9._-]{0,200}");

  private static final int LARGEST_PORT = 65_535;

  private Shapes() {}

  static boolean isUrl(String value) {
    return hasPort(URL.matcher(value));
  }

  /// An address that lacks nothing but its scheme; "" when it is none.
  static String url(String value) {
    return HOST_AND_PORT.matcher(value).matches() ? "http://" + value : "";
  }

  /// An address may hold a password.
  static String withoutPassword(String url) {
    return url.replaceFirst("//[^/?#\\s]*@", "//…@");
  }

  static boolean areBrokers(String value) {
    return Arrays.stream(value.split(","))
        .map(String::strip)
        .filter(broker -> !broker.isEmpty())
        .allMatch(broker -> hasPort(BROKER.matcher(broker)));
  }

  /// Brokers with the usual port where one lacks it; "" when that does not help.
  static String brokers(String value) {
    String meant =
        String.join(
            ",",
            Arrays.stream(value.split(","))
                .map(String::strip)
                .map(broker -> HOST.matcher(broker).matches() ? broker + ":9092" : broker)
                .toList());
    return areBrokers(meant) ? meant : "";
  }

  static boolean areHeaders(String value) {
    return Arrays.stream(value.split(","))
        .map(String::strip)
        .filter(header -> !header.isEmpty())
        .allMatch(header -> HEADER.matcher(header).matches());
  }

  /// Somebody may have put the secret itself there.
  static String withoutSecrets(String headers) {
    return headers.replaceAll("=[^,]*", "=…");
  }

  static boolean isPrefix(String value) {
    return PREFIX.matcher(value).matches();
  }

  /// The same with what topics may not have left out.
  static String prefix(String value) {
    String meant = value.replaceAll("[^a-zA-Z0-9._-]", "");
    return isPrefix(meant) ? meant : "";
  }

  private static boolean hasPort(Matcher address) {
    if (!address.matches()) {
      return false;
    }
    String port = address.group("port");
    return port == null || Integer.parseInt(port) <= LARGEST_PORT;
  }
}
