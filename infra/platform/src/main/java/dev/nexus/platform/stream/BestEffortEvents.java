package dev.nexus.platform.stream;

import dev.nexus.event.Event;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what may be lost, metrics and logs, by a producer of its own: they never wait with, nor
/// before, what must not be lost. It never holds anybody up and never grows. Events wait in a
/// bounded queue, at most so many go out a second, and what is too much, or what the broker does
/// not take, is dropped and counted. What the producer cannot take yet, as it does not know the
/// broker, waits some seconds.
public final class BestEffortEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BestEffortEvents.class);
  private static final int WAITING = 20_000;
  private static final Duration BATCH = Duration.ofMillis(50);

  /// How long a broker may take to become known before what waits for it is given up one by one. A
  /// process that begins on a busy machine needs some seconds.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(1);

  private final KafkaClients clients;
  private final int mostInABatch;
  private final Account account;
  private final KafkaProducer<String, byte[]> producer;
  private final BlockingQueue<Supplier<ProducerRecord<String, byte[]>>> waiting =
      new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong untold = new AtomicLong();
  private final Batches batches;
  private volatile @Nullable Thread sender;

  /// What the producer has not taken yet, and when it first did not since it last took an event. Of
  /// the thread that sends, and behind it of the one that closes.
  private @Nullable Supplier<ProducerRecord<String, byte[]>> held;

  private OptionalLong refusedSince = OptionalLong.empty();

  /// Makes the record that tells how many were dropped since it last did.
  public interface Account {
    Account NONE = dropped -> Optional.empty();

    Optional<ProducerRecord<String, byte[]>> of(long dropped);
  }

  /// @param name of its thread and of its producer
  /// @param mostASecond events that go out
  public BestEffortEvents(KafkaClients clients, String name, int mostASecond, Account account) {
    this.clients = clients;
    this.mostInABatch = (int) Math.max(1, mostASecond * BATCH.toMillis() / 1_000);
    this.account = account;
    this.producer = clients.bestEffortProducer(name);
    this.batches = new Batches(name);
    batches.start();
  }

  /// Takes an event; false when it is dropped at once.
  ///
  /// @param partition chosen by the caller; null leaves the choice to the key
  public <E> boolean offer(
      EventCodec<E> codec, @Nullable Integer partition, String key, Event<? extends E> event) {
    return offer(() -> EventRecords.of(clients, codec, codec.topic(), partition, key, event));
  }

  /// Takes a record that is made when it is sent, on the sender's thread; false when it is dropped
  /// at once.
  public boolean offer(Supplier<ProducerRecord<String, byte[]>> record) {
    if (waiting.offer(record)) {
      return true;
    }
    lost(1, 1);
    return false;
  }

  /// How many events were dropped since the start.
  public long dropped() {
    return dropped.get();
  }

  /// Has a registry tell what was dropped: all that is known of it while the broker is away.
  ///
  /// @param what is sent, the label of `nexus_events_dropped_total`
  public void countDropped(MeterRegistry meters, String what) {
    Measure.DROPPED.countOf(meters, this, BestEffortEvents::dropped, what);
  }

  /// Whether it sends.
  public boolean healthy() {
    return batches.healthy();
  }

  /// Whether this is the thread that sends: what is said there must not be sent in turn.
  public boolean isSending() {
    return Thread.currentThread() == sender;
  }

  private final class Batches extends RecurringService {
    Batches(String name) {
      super(name, BATCH, First.AFTER_A_REST);
    }

    @Override
    protected void round() {
      sender = Thread.currentThread();
      sendBatch();
    }

    /// Said seldom and softly: what is said here may come back as an event.
    @Override
    protected void failed(Throwable failure) {
      LOG.atDebug().setCause(failure).log("a batch of events was not sent");
    }
  }

  /// Sends what waits. A broker that is away costs one short wait a batch; what waits overflows
  /// then, and is counted.
  private void sendBatch() {
    long lost = untold.getAndSet(0);
    if (lost > 0) {
      Optional<ProducerRecord<String, byte[]>> told = account.of(lost);
      if (told.isPresent() && refused(told::get, lost, 0).isPresent()) {
        lost(lost, 0);
        return;
      }
    }
    for (int i = 0; i < mostInABatch; i++) {
      Supplier<ProducerRecord<String, byte[]>> next = held == null ? waiting.poll() : held;
      held = null;
      if (next == null) {
        return;
      }
      Optional<Exception> refusal = refused(next, 1, 1);
      if (refusal.isPresent()) {
        if (refusal.get() instanceof TimeoutException && isPatient()) {
          held = next;
        } else {
          lost(1, 1);
        }
        return;
      }
    }
  }

  private boolean isPatient() {
    long now = System.nanoTime();
    if (refusedSince.isEmpty()) {
      refusedSince = OptionalLong.of(now);
    }
    return now - refusedSince.getAsLong() < PATIENCE.toNanos();
  }

  /// Why the producer does not take a record; empty when it does. What it takes may still be lost
  /// later, and is counted then.
  ///
  /// @param stands for so many dropped events, to be told of again
  /// @param events that are dropped with it
  private Optional<Exception> refused(
      Supplier<ProducerRecord<String, byte[]>> record, long stands, long events) {
    Thread giver = Thread.currentThread();
    var refusal = new AtomicReference<@Nullable Exception>();
    try {
      var _ =
          producer.send(
              record.get(),
              (metadata, failure) -> {
                if (failure != null && Thread.currentThread() == giver) {
                  refusal.set(failure);
                } else if (failure != null) {
                  lost(stands, events);
                }
              });
    } catch (RuntimeException e) {
      refusal.set(e);
    }
    if (refusal.get() == null) {
      refusedSince = OptionalLong.empty();
    }
    return Optional.ofNullable(refusal.get());
  }

  private void lost(long stands, long events) {
    untold.addAndGet(stands);
    dropped.addAndGet(events);
  }

  /// Sends what waits, where that is quick, and counts what waits on as dropped.
  @Override
  public void close() {
    batches.close();
    sendBatch();
    List<Supplier<ProducerRecord<String, byte[]>>> left = new ArrayList<>();
    waiting.drainTo(left);
    if (held != null) {
      left.add(held);
      held = null;
    }
    lost(left.size(), left.size());
    producer.close(CLOSES_WITHIN);
  }
}
