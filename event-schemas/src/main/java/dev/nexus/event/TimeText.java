package dev.nexus.event;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;

/// Times as JSON answers have them: UTC, and always with milliseconds, so that all of them have one
/// form and their texts are in the order of the times. `Instant.toString` leaves zeros out.
public final class TimeText {
  private static final DateTimeFormatter FORM =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

  private TimeText() {}

  /// Such as `2026-11-20T08:00:00.000Z`; what is finer than milliseconds is cut off.
  public static String of(Instant at) {
    return FORM.format(at);
  }
}
