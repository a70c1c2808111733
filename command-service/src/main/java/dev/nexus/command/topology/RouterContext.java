package dev.nexus.command.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.RecordTime;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the partitions of a router share.
///
/// @param logId names the log the shelves belong to; another log makes them worthless
/// @param directory of the shelves, one a partition
record RouterContext(
    KafkaClients clients,
    Sinks sinks,
    DefinitionCatalog catalog,
    Plans plans,
    Routes routes,
    DeadLetters deadLetters,
    Snapshots snapshots,
    ExecutionTimes times,
    Clock clock,
    String logId,
    Path directory,
    Limits limits) {

  static final EventCodec<ExecutionEvent> FACTS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Opens the sink of a partition, fencing whoever had it before.
  interface Sinks {
    RecordSink open(int partition);
  }

  /// @param snapshotEvery time between two snapshots of a partition at least
  /// @param goOnWithoutSnapshot whether what followed from deleted facts may be lost
  /// @param hotExecutions executions a partition keeps in the heap at most
  /// @param heap what the executions of all partitions may take of it
  record Limits(
      Duration lease,
      Duration finishedKept,
      Duration snapshotEvery,
      boolean goOnWithoutSnapshot,
      int hotExecutions,
      HeapShare heap) {
    /// With the part of the heap that executions have in any process.
    Limits(
        Duration lease,
        Duration finishedKept,
        Duration snapshotEvery,
        boolean goOnWithoutSnapshot,
        int hotExecutions) {
      this(
          lease,
          finishedKept,
          snapshotEvery,
          goOnWithoutSnapshot,
          hotExecutions,
          HeapShare.ofThisProcess());
    }
  }

  Duration lease() {
    return limits.lease();
  }

  Duration finishedKept() {
    return limits.finishedKept();
  }

  /// Reads a fact; throws `UnreadableRecordException` for a record that is none, is one of another
  /// execution than its key says, or has a time that no clock shows.
  static Event<ExecutionEvent> fact(@Nullable String key, byte @Nullable [] value) {
    Event<ExecutionEvent> fact = FACTS.decode(value);
    Envelope envelope = fact.envelope();
    RecordKey.require(envelope.tenantId() + "/" + envelope.executionId(), key);
    RecordTime.require(envelope.occurredAt());
    return fact;
  }

  Topic topicOf(String physicalName) {
    return physicalName.equals(clients.name(Topic.REQUESTS)) ? Topic.REQUESTS : Topic.OUTCOMES;
  }
}
