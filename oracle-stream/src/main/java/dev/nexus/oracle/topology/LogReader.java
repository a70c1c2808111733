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

/// Reads what is committed on a partition now, from its beginning.
final class LogReader {
  private final KafkaClients clients;
  private final DeadLetters deadLetters;

  /// Takes one record; throws `IllegalStateException` for one that cannot follow what came before.
  interface Taker<E> {
    void take(String key, Event<E> event, long offset);
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
    }
  }
}
