package dev.nexus.command.trigger;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.topic.Topic;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// What the newest verdicts of a partition say: which events are remembered, and which one is the
/// next to be decided. Read back as far as the window reaches.
final class VerdictTail {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final DedupeWindow window;
  private long decidedTo = -1;
  private long records;
  private long next;

  private VerdictTail(DedupeWindow window) {
    this.window = window;
  }

  static VerdictTail read(DispatchContext context, TopicPartition input) {
    KafkaConsumer<String, byte[]> consumer =
        context.clients().assignedConsumer("dispatch-recovery-" + input.partition(), 5_000);
    try {
      consumer.assign(List.of(input));
      long end = end(context, input);
      long begin = consumer.beginningOffsets(List.of(input)).getOrDefault(input, 0L);
      long step = context.reach();
      for (long from = Math.max(begin, end - step); ; from = Math.max(begin, from - step)) {
        VerdictTail tail = new VerdictTail(context.emptyWindow());
        tail.fold(consumer, input, from, end);
        tail.next = Math.max(begin, tail.decidedTo + 1);
        // Verdicts lag behind what they are about, so the window may begin further back.
        boolean enough = tail.decidedTo >= 0 && from <= tail.decidedTo + 1 - context.reach();
        if (from == begin || enough) {
          return tail;
        }
        step *= 2;
      }
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /// Behind everything that was written, also where a marker that makes it visible is still on its
  /// way: whoever reads up to there waits for it. This owner's fence has ended what was open.
  private static long end(DispatchContext context, TopicPartition input) {
    try (Admin admin = context.clients().admin()) {
      return admin
          .listOffsets(Map.of(input, OffsetSpec.latest()))
          .partitionResult(input)
          .get()
          .offset();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of " + input + " is not known", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for the end of " + input, e);
    }
  }

  private void fold(
      KafkaConsumer<String, byte[]> consumer, TopicPartition input, long from, long end) {
    consumer.seek(input, from);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(input) < end) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(input + " could not be read up to " + end);
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        take(record);
        records++;
      }
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      Event<IngressEvent> event = DispatchContext.EVENTS.decode(record.value());
      Envelope envelope = event.envelope();
      if (!envelope.input().inputTopic().equals(Topic.EVENTS.topicName())) {
        return;
      }
      long about = envelope.input().inputOffset();
      if (about < 0 || about >= record.offset()) {
        return; // a verdict stands behind what it is about; what it names would never be decided
      }
      decidedTo = Math.max(decidedTo, about);
      if (event.body() instanceof EventMatched) {
        window.add(UUID.fromString(envelope.causationId()), about, envelope.occurredAt());
      }
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      // Whoever decides puts it aside; here it says nothing.
      records--;
    }
  }

  DedupeWindow window() {
    return window;
  }

  /// Offset of the next record to decide on.
  long next() {
    return next;
  }

  long records() {
    return records;
  }
}
