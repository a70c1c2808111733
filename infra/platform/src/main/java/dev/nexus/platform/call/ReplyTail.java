package dev.nexus.platform.call;

import dev.nexus.event.Event;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.platform.stream.TailReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// Reads this instance's partition of the replies from its present end. Other instances may share
/// the partition; their replies pass by.
final class ReplyTail implements AutoCloseable {
  /// How long a request waits for a tail that goes on after a failure, before it is refused.
  private static final Duration RECOVERS_WITHIN = Duration.ofSeconds(2);

  private final EventCodec<ReplyEvent> codec = EventCodec.of(Topic.REPLIES, ReplyEvent.class);
  private final InstanceId instance;
  private final DeadLetters deadLetters;
  private final Consumer<Event<ReplyEvent>> receiver;
  private final TailReader reader;

  ReplyTail(
      KafkaClients clients,
      InstanceId instance,
      DeadLetters deadLetters,
      Consumer<Event<ReplyEvent>> receiver) {
    this.instance = instance;
    this.deadLetters = deadLetters;
    this.receiver = receiver;
    this.reader =
        new TailReader(
            clients,
            instance + "-replies",
            List.of(Topic.REPLIES),
            this::own,
            TailReader.From.END,
            this::take);
  }

  private List<TopicPartition> own(List<TopicPartition> partitions) {
    return List.of(partitions.get(Math.floorMod(instance.value().hashCode(), partitions.size())));
  }

  void start() {
    reader.start();
  }

  void awaitReady(Duration patience) {
    reader.awaitReading(patience);
  }

  boolean healthy() {
    return reader.healthy();
  }

  /// Where replies to this instance go. Throws `RequestNotAcceptedException` while nobody reads
  /// there: the caller would wait in vain.
  int partition() {
    if (!reader.healthy()) {
      try {
        reader.awaitReading(RECOVERS_WITHIN);
      } catch (IllegalStateException e) {
        throw new RequestNotAcceptedException("answers cannot be read now", e);
      }
    }
    return reader.partitions().getFirst().partition();
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    Event<ReplyEvent> reply;
    try {
      reply = codec.decode(record.value());
      // Who waits is found by this id, so a reply without one is as good as unreadable.
      reply.envelope().execution();
    } catch (UnreadableRecordException | IllegalArgumentException | IllegalStateException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
      return;
    }
    if (reply.body().replyInstance().equals(instance.value())) {
      receiver.accept(reply);
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
