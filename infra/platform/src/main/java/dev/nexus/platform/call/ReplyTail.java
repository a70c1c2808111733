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
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// Reads this instance's partition of the replies from its present end. Other instances may share
/// the partition; their replies pass by.
final class ReplyTail<E> implements AutoCloseable {
  /// How long a request waits for a tail that goes on after a failure, before it is refused.
  private static final Duration RECOVERS_WITHIN = Duration.ofSeconds(2);

  private final EventCodec<E> codec;
  private final Function<Event<E>, String> addressee;
  private final InstanceId instance;
  private final DeadLetters deadLetters;
  private final Consumer<Event<E>> receiver;
  private final TailReader reader;

  /// @param addressee instance that an answer is for; what it throws on is as good as unreadable
  ReplyTail(
      KafkaClients clients,
      InstanceId instance,
      DeadLetters deadLetters,
      EventCodec<E> codec,
      Function<Event<E>, String> addressee,
      Consumer<Event<E>> receiver) {
    this.codec = codec;
    this.addressee = addressee;
    this.instance = instance;
    this.deadLetters = deadLetters;
    this.receiver = receiver;
    this.reader =
        new TailReader(
            clients,
            instance + "-" + codec.topic().shortName(),
            List.of(codec.topic()),
            this::own,
            TailReader.From.END,
            this::take);
  }

  /// Of answers to executions. Who waits is found by the id of one, so none may lack it.
  static ReplyTail<ReplyEvent> ofExecutions(
      KafkaClients clients,
      InstanceId instance,
      DeadLetters deadLetters,
      Consumer<Event<ReplyEvent>> receiver) {
    return new ReplyTail<>(
        clients,
        instance,
        deadLetters,
        EventCodec.of(Topic.REPLIES, ReplyEvent.class),
        reply -> {
          reply.envelope().execution();
          return reply.body().replyInstance();
        },
        receiver);
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
    Event<E> reply;
    String whose;
    try {
      reply = codec.decode(record.value());
      whose = addressee.apply(reply);
    } catch (UnreadableRecordException | IllegalArgumentException | IllegalStateException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
      return;
    }
    if (whose.equals(instance.value())) {
      receiver.accept(reply);
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
