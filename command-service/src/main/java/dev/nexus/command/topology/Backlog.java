package dev.nexus.command.topology;

import dev.nexus.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// What stood on the inputs of a partition when its owner came: it counts before the clock does,
/// for what was reported in time may stand there.
final class Backlog {
  /// Longest time that timers wait for it.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Map<Topic, Long> ends = Map.of();
  private Instant ownedSince;

  Backlog(Instant ownedSince) {
    this.ownedSince = ownedSince;
  }

  Instant ownedSince() {
    return ownedSince;
  }

  /// Offsets behind its last records.
  void endsAt(Map<Topic, Long> offsets) {
    ends = offsets;
  }

  /// The clock shows less than before.
  void setBack(Instant now) {
    ownedSince = ownedSince.isBefore(now) ? ownedSince : now;
  }

  /// Whether all of it has been read, or was waited for long enough.
  boolean passed(Reach reach, Instant now) {
    if (!ends.isEmpty() && (reach.covers(ends) || now.isAfter(ownedSince.plus(PATIENCE)))) {
      ends = Map.of();
    }
    return ends.isEmpty();
  }
}
