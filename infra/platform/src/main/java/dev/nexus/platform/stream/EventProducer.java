package dev.nexus.platform.stream;

import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/// Writes events outside of transactions. A send is acknowledged when the log has it.
public final class EventProducer implements AutoCloseable {
  /// Longest that closing waits for records under way: a broker that is away must not hold up the
  /// end of the process.
  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(2);

  /// Longest that an edge waits for the log: whoever asked is told then, and may ask again.
  public static final Duration ANSWERED_WITHIN = Duration.ofSeconds(10);

  private final KafkaClients clients;
  private final KafkaProducer<String, byte[]> producer;

  public EventProducer(KafkaClients clients, String clientId) {
    this(clients, clients.producer(clientId));
  }

  private EventProducer(KafkaClients clients, KafkaProducer<String, byte[]> producer) {
    this.clients = clients;
    this.producer = producer;
  }

  /// One of records as large as their topics take them.
  public static EventProducer wide(KafkaClients clients, String clientId) {
    return new EventProducer(clients, clients.wideProducer(clientId));
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

  /// Writes an event and returns when the log has it. Throws `RequestNotAcceptedException` when the
  /// log does not take it within ten seconds, which an edge answers with 503. The record may get in
  /// after that; a repeat with the same id is the same request.
  public <E> void append(EventCodec<E> codec, String key, Event<? extends E> event) {
    append(EventRecords.of(clients, codec, key, event));
  }

  /// The same for a record that is no event of ours. Throws `RecordRefusedException` when the log
  /// refuses it for what it is. That harms no other record: outside of a transaction the producer
  /// goes on.
  public void append(ProducerRecord<String, byte[]> record) {
    try {
      send(record).orTimeout(ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (CompletionException | KafkaException e) {
      Throwable cause = e instanceof CompletionException ? e.getCause() : e;
      if (cause instanceof RecordTooLargeException
          || cause instanceof RecordBatchTooLargeException
          || cause instanceof InvalidRecordException) {
        throw new RecordRefusedException(
            record.topic() + " does not take the record: " + cause.getMessage(), e);
      }
      throw new RequestNotAcceptedException(
          "the log did not take a record of " + record.topic() + ": " + cause, e);
    }
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
    producer.close(CLOSES_WITHIN);
  }
}
