package dev.nexus.event.value;

import dev.nexus.event.Excerpt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// What keys, values and times may be, the same at every edge and where it is decided. Each method
/// says in a sentence what is wrong; nothing where nothing is.
public final class ValueLimits {
  public static final int LONGEST_KEY = 256;

  /// Bytes of a value, as UTF-8.
  public static final int LARGEST_VALUE = 64 << 10;

  public static final Duration SHORTEST_TTL = Duration.ofSeconds(1);
  public static final Duration LONGEST_TTL = Duration.ofDays(365);
  public static final int LARGEST_PAGE = 1_000;

  /// What keys are made of, for people.
  public static final String ALPHABET =
      "letters A-Z a-z, digits, _ and, not at its beginning, . : @ -";

  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._:@-]*");
  private static final int SHOWN = 60;

  private ValueLimits() {}

  public static Optional<String> faultOfKey(String key) {
    if (key.length() > LONGEST_KEY) {
      return Optional.of("a key has at most " + LONGEST_KEY + " characters, found " + key.length());
    }
    return KEY.matcher(key).matches()
        ? Optional.empty()
        : Optional.of("a key is made of " + ALPHABET + ", found '" + Excerpt.of(key, SHOWN) + "'");
  }

  /// Of what keys are to begin with; "" is every key.
  public static Optional<String> faultOfPrefix(String prefix) {
    return prefix.isEmpty() ? Optional.empty() : faultOfKey(prefix);
  }

  public static Optional<String> faultOfContent(String json) {
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    return bytes <= LARGEST_VALUE
        ? Optional.empty()
        : Optional.of("a value has at most " + LARGEST_VALUE + " bytes of JSON, found " + bytes);
  }

  public static Optional<String> faultOfPage(int size) {
    return size >= 1 && size <= LARGEST_PAGE
        ? Optional.empty()
        : Optional.of("a list has 1 to " + LARGEST_PAGE + " values, found " + size);
  }

  /// @param ttl zero is for ever
  public static Optional<String> faultOfTtl(Duration ttl) {
    boolean fits =
        ttl.isZero() || ttl.compareTo(SHORTEST_TTL) >= 0 && ttl.compareTo(LONGEST_TTL) <= 0;
    return fits
        ? Optional.empty()
        : Optional.of("a value is kept for 1 second to 365 days, found " + ttl.toMillis() + " ms");
  }

  public static Optional<String> faultOfVersion(long expected) {
    return expected >= ValueRequestEvent.ANY_VERSION
        ? Optional.empty()
        : Optional.of("a version is 0 (no value) or more, found " + expected);
  }
}
