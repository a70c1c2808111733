package dev.nexus.standalone.verb;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A time as people write it: a date or a time, UTC unless it says otherwise, or how long ago.
final class PointInTime {
  private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");

  private final Clock clock;

  PointInTime(Clock clock) {
    this.clock = clock;
  }

  /// @param option what the text was given for, for the message
  Instant parse(String option, String text) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long amount = Long.parseLong(ago.group(1));
      Duration age =
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          };
      return clock.instant().minus(age);
    }
    try {
      if (text.length() <= "2026-11-01".length()) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      return text.matches(".*(Z|[+-]\\d{2}:\\d{2})")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new CommandFailedException(
          option
              + ": expected a date as 2026-11-01, a time as 2026-11-01T08:30:00Z or how long ago as"
              + " 24h, found '"
              + text
              + "'");
    }
  }
}
