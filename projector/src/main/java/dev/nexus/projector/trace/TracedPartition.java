package dev.nexus.projector.trace;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A partition of facts, with those executions whose spans are not all told, oldest first; or one
/// of outside events, where each verdict is told by itself. It is read from where the oldest
/// execution began, and tells nothing that ended before the place up to which all was sent.
final class TracedPartition {
  private static final Logger LOG = LoggerFactory.getLogger(TracedPartition.class);
  private static final EventCodec<ExecutionEvent> FACTS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Bounds the memory.
  static final int OPEN_AT_MOST = 10_000;

  /// Bounds how much is read again after a start.
  static final long LOOKS_BACK = 200_000;

  private static final EventCodec<IngressEvent> VERDICTS =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);

  private final Topic topic;
  private final long sentBefore;
  private final Map<String, Open> open = new LinkedHashMap<>();
  private long dropped;

  /// An execution, and where it began.
  private record Open(ExecutionTrace trace, long begin) {}

  /// @param sentBefore offset before which everything was sent
  TracedPartition(Topic topic, long sentBefore) {
    this.topic = topic;
    this.sentBefore = sentBefore;
  }

  long sentBefore() {
    return sentBefore;
  }

  /// The spans that a record ends and that were not sent before.
  List<Span> take(ConsumerRecord<String, byte[]> record) {
    List<Span> spans;
    try {
      spans = spans(record);
    } catch (RuntimeException e) {
      // Router and projector put such a record aside; a span less is all that comes of it here.
      LOG.atDebug().setCause(e).addKeyValue("offset", record.offset()).log("no fact to trace");
      return List.of();
    }
    letGo(record.offset());
    return record.offset() < sentBefore ? List.of() : spans;
  }

  private List<Span> spans(ConsumerRecord<String, byte[]> record) {
    Instant written = Instant.ofEpochMilli(record.timestamp());
    if (topic == Topic.EVENTS) {
      return EventSpans.of(VERDICTS.decode(record.value()), written);
    }
    Event<ExecutionEvent> fact = FACTS.decode(record.value());
    String id = fact.envelope().executionId();
    Optional<ExecutionTrace> begun = ExecutionTrace.begun(fact, written);
    if (begun.isPresent()) {
      open.putIfAbsent(id, new Open(begun.get(), record.offset()));
      return List.of();
    }
    Open found = open.get(id);
    if (found == null) {
      return List.of();
    }
    List<Span> spans = found.trace().take(fact, written);
    if (found.trace().over()) {
      open.remove(id);
    }
    return spans;
  }

  private void letGo(long offset) {
    Iterator<Open> oldest = open.values().iterator();
    while (oldest.hasNext()) {
      Open one = oldest.next();
      if (open.size() <= OPEN_AT_MOST && one.begin() > offset - LOOKS_BACK) {
        return;
      }
      oldest.remove();
      dropped += one.trace().isEnded() ? 0 : 1;
    }
  }

  /// Where the oldest begins that is not all told; `next` where there is none.
  long opensAt(long next) {
    return open.isEmpty() ? next : open.values().iterator().next().begin();
  }

  /// How many executions were let go of since this was asked, whose spans are not all told.
  long takeDropped() {
    long count = dropped;
    dropped = 0;
    return count;
  }
}
