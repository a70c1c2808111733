package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that works on one owned partition. Work that throws is closed and made anew, and
/// recovers from the log; records read for its predecessor are dropped by their epoch.
final class PartitionThread {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionThread.class);
  private static final Duration BEFORE_RECOVERY = Duration.ofMillis(200);

  /// A fenced owner lets its group tell it first whether the partition is still its own; it must be
  /// longer than a heartbeat of the group, or two owners would fence each other by turns.
  private static final Duration AFTER_FENCING = Duration.ofSeconds(3);

  /// Rest of a partition that is held back, before its next record is tried again.
  private static final Duration HELD_BACK = Duration.ofSeconds(1);

  /// Longest time without a look at what is due. Work tells it by a clock that people set: what is
  /// due at once by the clock of now may be an hour off by the one it was planned with.
  private static final Duration LOOKS_EVERY = Duration.ofSeconds(1);

  /// Failures to recover, one after the other.
  ///
  /// @param last of them; empty when there was none
  record Refusals(int count, Optional<Throwable> last) {
    static final Refusals NONE = new Refusals(0, Optional.empty());

    Refusals and(Throwable failure) {
      return new Refusals(count + 1, Optional.of(failure));
    }
  }

  private final String name;
  private final int number;
  private final List<TopicPartition> inputs;
  private final IntFunction<PartitionWork> works;
  private final OwnedPartitions.ReaderPort reader;
  private final PartitionQueue queue = new PartitionQueue();
  private final FailureLog failures = new FailureLog(LOG);
  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean ending;
  private volatile boolean recovered;
  private volatile boolean paused;

  /// What the work last said about itself.
  private volatile boolean sound = true;

  /// Why it has not recovered, and how often in a row that failed.
  private volatile Refusals refusals = Refusals.NONE;

  /// Of the records being read; belongs to the reading thread.
  private volatile int readEpoch = -1;

  PartitionThread(
      String name,
      int number,
      List<TopicPartition> inputs,
      IntFunction<PartitionWork> works,
      OwnedPartitions.ReaderPort reader) {
    this.name = name;
    this.number = number;
    this.inputs = List.copyOf(inputs);
    this.works = works;
    this.reader = reader;
    this.thread = Thread.ofPlatform().name(name + "-" + number).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  int number() {
    return number;
  }

  List<TopicPartition> inputs() {
    return inputs;
  }

  /// Whether it has recovered, is worked on, and its work has nothing to complain of.
  boolean healthy() {
    return recovered && sound && thread.isAlive();
  }

  Refusals refusals() {
    return refusals;
  }

  /// Whether records wait that were not taken yet.
  boolean hasQueued() {
    return !queue.isEmpty();
  }

  void readingIn(int epoch) {
    readEpoch = epoch;
  }

  /// Takes records to work on; true when there is no room for more.
  boolean offer(List<ConsumerRecord<String, byte[]>> records) {
    if (queue.add(readEpoch, records)) {
      paused = true;
      return true;
    }
    return false;
  }

  /// Begins to end: what is under way is finished, nothing more is begun.
  void ending() {
    ending = true;
    ended.countDown();
    queue.wake();
  }

  /// Waits until it has ended, at most until `deadlineNanos`.
  void awaitEnd(long deadlineNanos) {
    try {
      if (!thread.join(Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime())))) {
        LOG.atWarn().addKeyValue("group", name).addKeyValue("partition", number).log("slow to end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Nothing ends it but `end`: nobody would begin this partition again while the group keeps it
  /// assigned. So an `Error`, such as a stack overflow in a fold, is a reason to recover as well.
  private void run() {
    for (int epoch = 0; !ending; epoch++) {
      try (PartitionWork work = works.apply(number)) {
        reader.readFrom(this, work.recover(), epoch);
        sound = work.healthy();
        recovered = true;
        refusals = Refusals.NONE;
        workOn(work, epoch);
      } catch (Throwable e) {
        recovered = false;
        refusals = refusals.and(e);
        failures.tell(e, "partition recovers", name, number);
        rest(Transaction.isFenced(e) ? AFTER_FENCING : BEFORE_RECOVERY);
      }
    }
  }

  /// What comes while the partition is held back waits in the queue, and is paused when that is
  /// full.
  private void workOn(PartitionWork work, int epoch) {
    List<ConsumerRecord<String, byte[]>> heldBack = List.of();
    long looked = System.nanoTime();
    while (!ending) {
      List<ConsumerRecord<String, byte[]>> records =
          heldBack.isEmpty() ? next(work.untilDue(), epoch) : heldBack;
      int done = records.isEmpty() ? 0 : work.process(records);
      reader.workedOff(records.subList(0, done));
      heldBack = List.copyOf(records.subList(done, records.size()));
      if (!work.untilDue().isPositive() || System.nanoTime() - looked >= LOOKS_EVERY.toNanos()) {
        work.passTime();
        sound = work.healthy();
        looked = System.nanoTime();
      }
      if (!heldBack.isEmpty()) {
        rest(HELD_BACK);
      }
    }
  }

  private List<ConsumerRecord<String, byte[]>> next(Duration untilDue, int epoch) {
    List<ConsumerRecord<String, byte[]>> records = List.of();
    try {
      long wait = Math.min(Math.max(untilDue.toMillis(), 0), 1_000);
      records = queue.take(Duration.ofMillis(wait), epoch);
      reader.taken();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ending = true;
    }
    if (paused && queue.hasRoom()) {
      paused = false;
      reader.resume(this);
    }
    return records;
  }

  private void rest(Duration time) {
    try {
      if (ended.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.trace("ends while it rests");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ending = true;
    }
  }
}
