package dev.nexus.command.topology;

import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.IntFunction;

/// What the partitions of a router share.
///
/// @param logId names the log the shelves belong to; another log makes them worthless
/// @param directory of the shelves, one a partition
/// @param oldestFact when the oldest fact of a partition was written; the epoch when not known
/// @param hotExecutions executions a partition keeps in the heap
record RouterContext(
    KafkaClients clients,
    Sinks sinks,
    DefinitionCatalog catalog,
    Plans plans,
    Routes routes,
    DeadLetters deadLetters,
    Snapshots snapshots,
    Clock clock,
    String logId,
    Path directory,
    IntFunction<Instant> oldestFact,
    Limits limits) {

  static final EventCodec<ExecutionEvent> FACTS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Opens the sink of a partition, fencing whoever had it before.
  interface Sinks {
    RecordSink open(int partition);
  }

  /// @param snapshotEvery time between two snapshots of a partition at least
  record Limits(Duration lease, Duration finishedKept, Duration snapshotEvery, int hotExecutions) {}

  /// What a shelf belongs to: the log and the meaning of its content.
  String shelfId() {
    return logId + "#" + ShelfSnapshots.LAYOUT;
  }

  Duration lease() {
    return limits.lease();
  }

  Duration finishedKept() {
    return limits.finishedKept();
  }

  int hotExecutions() {
    return limits.hotExecutions();
  }

  Topic topicOf(String physicalName) {
    return physicalName.equals(clients.name(Topic.REQUESTS)) ? Topic.REQUESTS : Topic.OUTCOMES;
  }
}
