package dev.nexus.platform.stream;

import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Writes events outside of transactions. A send is acknowledged when the log has it.
public final class EventProducer implements AutoCloseable {
  private final KafkaClients clients;
  private final KafkaProducer<String, byte[]> producer;

  public EventProducer(KafkaClients clients, String clientId) {
    this.clients = clients;
    this.producer = clients.producer(clientId);
  }

  public <E> CompletableFuture<Void> send(
      EventCodec<E> codec, String key, Event<? extends E> event) {
    return send(EventRecords.of(clients, codec, key, event));
  }

  /// Sends to a sister topic of the codec's own, or to a partition chosen by the caller.
  public <E> CompletableFuture<Void> send(
      EventCodec<E> codec,
      Topic topic,
      @Nullable Integer partition,
      String key,
      Event<? extends E> event) {
    return send(EventRecords.of(clients, codec, topic, partition, key, event));
  }

  /// Deletes a key of a compacted topic.
  public CompletableFuture<Void> delete(Topic topic, String key) {
    return send(new ProducerRecord<>(clients.name(topic), key, null));
  }

  public CompletableFuture<Void> send(ProducerRecord<String, byte[]> record) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    producer.send(
        record,
        (metadata, failure) -> {
          if (failure == null) {
            done.complete(null);
          } else {
            done.completeExceptionally(failure);
          }
        });
    return done;
  }

  @Override
  public void close() {
    producer.close();
  }
}
