package dev.nexus.oracle.topology;

import dev.nexus.event.Event;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Reads what is committed on a partition now, from its beginning.
final class LogReader {
  private final KafkaClients clients;
  private final DeadLetters deadLetters;

  /// Takes one record; throws for one that cannot be, or cannot follow what came before, and has
  /// changed nothing then.
  interface Taker<E> {
    void take(@Nullable String key, Event<E> event, long offset);
  }

  LogReader(KafkaClients clients, DeadLetters deadLetters) {
    this.clients = clients;
    this.deadLetters = deadLetters;
  }

  /// A record that is unreadable or impossible is dead-lettered and passed.
  <E> void read(EventCodec<E> codec, int partition, Taker<E> taker) {
    TopicPartition source = new TopicPartition(clients.name(codec.topic()), partition);
    try (KafkaConsumer<String, byte[]> consumer =
        clients.assignedConsumer("oracle-" + codec.topic().topicName() + "-" + partition)) {
      consumer.assign(List.of(source));
      consumer.seekToBeginning(List.of(source));
      long end = consumer.endOffsets(List.of(source)).getOrDefault(source, 0L);
      while (consumer.position(source) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          take(codec, record, taker);
        }
      }
    }
  }

  private <E> void take(
      EventCodec<E> codec, ConsumerRecord<String, byte[]> record, Taker<E> taker) {
    if (record.value() == null) {
      return;
    }
    try {
      taker.take(record.key(), codec.decode(record.value()), record.offset());
    } catch (UnreadableRecordException | IllegalArgumentException | IllegalStateException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError e) {
      // It would fail again at each new beginning, and the partition would have no oracle.
      deadLetters.add(record, "cannot be folded: " + e);
    }
  }
}
