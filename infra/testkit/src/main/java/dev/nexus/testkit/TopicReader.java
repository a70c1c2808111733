package dev.nexus.testkit;

import dev.nexus.event.Event;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Reads a topic from its beginning to its present end, committed records only.
public final class TopicReader {
  private final KafkaClients clients;

  public TopicReader(KafkaClients clients) {
    this.clients = clients;
  }

  /// Decoded events, partition by partition, each in order; deletions are left out.
  public <E> List<Event<E>> read(Topic topic, EventCodec<E> codec) {
    return records(topic).stream()
        .filter(record -> record.value() != null)
        .map(record -> codec.decode(record.value()))
        .toList();
  }

  /// Records as they are, partition by partition, each in order.
  public List<ConsumerRecord<String, byte[]>> records(Topic topic) {
    try (TopicCursor cursor = new TopicCursor(clients, topic)) {
      return cursor.next();
    }
  }
}
