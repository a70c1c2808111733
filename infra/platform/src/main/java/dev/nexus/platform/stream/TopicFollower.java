package dev.nexus.platform.stream;

import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a whole small topic into memory and keeps following it: definitions, entities, routes.
/// Events come one at a time, in partition order. A broken record is dead-lettered and passed.
///
/// @param <E> root of the topic's sealed hierarchy
public final class TopicFollower<E> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);

  /// Takes what is followed.
  public interface Listener<E> {
    /// `event` is null when the key was deleted.
    void onRecord(String key, @Nullable Event<E> event, int partition, long offset);
  }

  private final KafkaClients clients;
  private final EventCodec<E> codec;
  private final Listener<E> listener;
  private final DeadLetters deadLetters;
  private final KafkaConsumer<String, byte[]> consumer;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final Thread thread;

  public TopicFollower(
      KafkaClients clients,
      EventCodec<E> codec,
      String name,
      DeadLetters deadLetters,
      Listener<E> listener) {
    this.clients = clients;
    this.codec = codec;
    this.listener = listener;
    this.deadLetters = deadLetters;
    this.consumer = clients.assignedConsumer(name + "-" + codec.topic().topicName());
    this.thread = Thread.ofPlatform().daemon().name(name + "-follower").unstarted(this::run);
  }

  /// Begins to read; returns at once.
  public TopicFollower<E> start() {
    thread.start();
    return this;
  }

  /// Waits until everything that was on the topic at the start has been read.
  public void awaitCaughtUp(Duration patience) {
    try {
      caughtUp.get(patience.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading " + codec.topic(), e);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(
          "topic " + clients.name(codec.topic()) + " was not read within " + patience, e);
    }
  }

  private void run() {
    try (consumer) {
      Topic topic = codec.topic();
      List<TopicPartition> partitions =
          consumer.partitionsFor(clients.name(topic)).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      while (!closing.get()) {
        if (!caughtUp.isDone() && reached(ends)) {
          caughtUp.complete(null);
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          take(record);
        }
      }
    } catch (WakeupException e) {
      if (!closing.get()) {
        fail(e);
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private boolean reached(Map<TopicPartition, Long> ends) {
    ends.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue());
    return ends.isEmpty();
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      Event<E> event = record.value() == null ? null : codec.decode(record.value());
      listener.onRecord(record.key(), event, record.partition(), record.offset());
    } catch (UnreadableRecordException | IllegalArgumentException | NullPointerException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    }
  }

  private void fail(RuntimeException e) {
    caughtUp.completeExceptionally(e);
    if (!closing.get()) {
      LOG.atError().setCause(e).addKeyValue("topic", codec.topic()).log("follower stopped");
    }
  }

  @Override
  public void close() {
    closing.set(true);
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
