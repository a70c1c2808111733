package dev.nexus.platform.call;

import dev.nexus.event.Event;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads this instance's partition of the replies from its present end. Other instances may share
/// the partition; their replies pass by.
final class ReplyTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyTail.class);

  private final EventCodec<ReplyEvent> codec = EventCodec.of(Topic.REPLIES, ReplyEvent.class);
  private final String topic;
  private final InstanceId instance;
  private final DeadLetters deadLetters;
  private final Consumer<Event<ReplyEvent>> receiver;
  private final KafkaConsumer<String, byte[]> consumer;
  private final CompletableFuture<Integer> partition = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean closing;

  ReplyTail(
      KafkaClients clients,
      InstanceId instance,
      DeadLetters deadLetters,
      Consumer<Event<ReplyEvent>> receiver) {
    this.topic = clients.name(Topic.REPLIES);
    this.instance = instance;
    this.deadLetters = deadLetters;
    this.receiver = receiver;
    this.consumer = clients.assignedConsumer(instance + "-replies");
    this.thread = Thread.ofPlatform().daemon().name("replies").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void awaitReady(Duration patience) {
    try {
      partition.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before replies could be read", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("replies could not be read within " + patience, e);
    }
  }

  boolean healthy() {
    return partition.isDone() && !partition.isCompletedExceptionally() && thread.isAlive();
  }

  /// Where replies to this instance go; waits until the tail reads there, so none is missed.
  int partition() {
    return partition.join();
  }

  private void run() {
    try (consumer) {
      int count = consumer.partitionsFor(topic).size();
      var own = new TopicPartition(topic, Math.floorMod(instance.value().hashCode(), count));
      consumer.assign(List.of(own));
      consumer.seekToEnd(List.of(own));
      consumer.position(own);
      partition.complete(own.partition());
      while (!closing) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          take(record);
        }
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      Event<ReplyEvent> reply = codec.decode(record.value());
      if (reply.body().replyInstance().equals(instance.value())) {
        receiver.accept(reply);
      }
    } catch (UnreadableRecordException | IllegalArgumentException | IllegalStateException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    }
  }

  private void fail(RuntimeException e) {
    partition.completeExceptionally(e);
    if (!closing) {
      LOG.atError().setCause(e).log("replies are no longer read: callers will wait in vain");
    }
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
