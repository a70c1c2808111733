package dev.nexus.oracle.topology;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// Says now and then up to where the oracle no longer needs nexus.executions: what it made of a
/// fact is on its own topics. While it waits for code or tries it out, it says nothing: a start in
/// between must find the calls that the code is made from and judged on.
final class Coverage {
  private static final Duration SAID_EVERY = Duration.ofMinutes(1);

  private final Snapshots snapshots;
  private final int partition;
  private final String log;
  private final Duration every;
  private final Clock clock;
  private final Map<Integer, Long> said = new HashMap<>();
  private Instant last;
  private Instant next;

  /// @param log which log nexus.executions is
  /// @param every time between two snapshots of the others
  Coverage(Snapshots snapshots, int partition, String log, Duration every, Clock clock) {
    this.snapshots = snapshots;
    this.partition = partition;
    this.log = log;
    this.every = every.compareTo(SAID_EVERY) < 0 ? every : SAID_EVERY;
    this.clock = clock;
    this.last = clock.instant();
    this.next = last.plus(this.every);
  }

  /// A clock that was set back makes it due.
  ///
  /// @param read for each partition, the offset behind the last fact whose consequences are on the
  ///     log
  void reached(Map<Integer, Long> read, Components components) {
    Instant now = clock.instant();
    if (now.isBefore(next) && !now.isBefore(last)) {
      return;
    }
    last = now;
    next = now.plus(every);
    if (components.all().stream().anyMatch(ComponentOracle::awaitsAnswers)) {
      return;
    }
    read.forEach(
        (of, offset) -> {
          if (offset > said.getOrDefault(of, -1L)) {
            snapshots.announce(
                new PositionCovered(
                    Owner.oracle(partition).name(), Topic.EXECUTIONS.topicName(), of, offset, log));
            said.put(of, offset);
          }
        });
  }
}
