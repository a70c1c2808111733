package dev.nexus.wire;

import java.time.Instant;

/// The time of an event must be one that a clock shows: whoever adds to times, orders by them or
/// goes on from the newest one must not meet another.
public final class RecordTime {
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private RecordTime() {}

  /// Throws `UnreadableRecordException` for a time of other years than 1970 to 9999.
  public static Instant require(Instant at) {
    if (at.isBefore(Instant.EPOCH) || at.isAfter(LATEST)) {
      throw new UnreadableRecordException("a time of the years 1970 to 9999 expected, found " + at);
    }
    return at;
  }
}
