package dev.nexus.platform.stream;

import dev.nexus.event.Event;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// Reads a whole small topic into memory and keeps following it: definitions, entities, routes.
/// Events come one at a time, in partition order. A broken record is dead-lettered and passed; any
/// other failure, also of the listener, makes the follower unhealthy until it got past the record.
///
/// @param <E> root of the topic's sealed hierarchy
public final class TopicFollower<E> implements AutoCloseable {

  /// Takes what is followed. It may be given a record again, so what it does with one must be the
  /// same the second time. It throws `UnreadableRecordException` when the content of an event is
  /// not what its topic promises.
  public interface Listener<E> {
    /// `event` is null when the key was deleted.
    void onRecord(String key, @Nullable Event<E> event, int partition, long offset);
  }

  private final EventCodec<E> codec;
  private final Listener<E> listener;
  private final DeadLetters deadLetters;
  private final TailReader reader;

  public TopicFollower(
      KafkaClients clients,
      EventCodec<E> codec,
      String name,
      DeadLetters deadLetters,
      Listener<E> listener) {
    this.codec = codec;
    this.listener = listener;
    this.deadLetters = deadLetters;
    this.reader =
        new TailReader(
            clients,
            name + "-" + codec.topic().topicName(),
            codec.topic(),
            TailReader.From.BEGINNING,
            this::take);
  }

  /// Begins to read; returns at once.
  public TopicFollower<E> start() {
    reader.start();
    return this;
  }

  /// Waits until everything that was on the topic at the start has been read; throws
  /// `IllegalStateException` when `patience` runs out.
  public void awaitCaughtUp(Duration patience) {
    reader.awaitCaughtUp(patience);
  }

  /// Waits until everything that is on the topic now has been read; throws `NotReadInTimeException`
  /// when `patience` runs out.
  public void awaitCurrent(Duration patience) {
    reader.awaitCurrent(patience);
  }

  /// Whether what was made of the topic is up to date: all that was there at the start has been
  /// taken, and the topic is being read now.
  public boolean healthy() {
    return reader.caughtUp() && reader.healthy();
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      if (record.key() == null) {
        throw new UnreadableRecordException("a record with a key expected, found one without");
      }
      Event<E> event = record.value() == null ? null : codec.decode(record.value());
      listener.onRecord(record.key(), event, record.partition(), record.offset());
    } catch (UnreadableRecordException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
