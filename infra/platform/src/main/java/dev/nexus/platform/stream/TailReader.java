package dev.nexus.platform.stream;

import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads topics on a thread of its own, as member of no group. Whatever fails, an `Error` too, ends
/// the attempt and not the reader: it rests and goes on after the last record that was taken. What
/// the taker throws fails the attempt as well, so that record is given again; meanwhile the reader
/// is not healthy.
public final class TailReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TailReader.class);
  private static final Duration POLL = Duration.ofMillis(200);

  /// After this long without records the brokers are asked whether they are there: a poll returns
  /// nothing in either case.
  private static final Duration ASKED_AFTER = Duration.ofSeconds(5);

  /// Longest that the brokers may take to answer that.
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(10);

  private static final Duration SHORTEST_REST = Duration.ofMillis(200);
  private static final Duration LONGEST_REST = Duration.ofSeconds(5);

  /// Longest wait for the thread when closing: it is woken, so only a taker can hold it up.
  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(5);

  /// Where a reader begins that has taken nothing yet.
  public enum From {
    BEGINNING,
    END
  }

  /// Takes records, one at a time, on the reader's thread.
  public interface Taker {
    void take(ConsumerRecord<String, byte[]> record);
  }

  /// Says which of the partitions found are read.
  public interface Choice {
    Choice ALL = partitions -> partitions;

    List<TopicPartition> of(List<TopicPartition> partitions);
  }

  /// That everything has been taken which was there when the brokers were asked.
  private static final class Goal {
    /// Partitions that must be read up to an offset; null before the brokers were asked, which the
    /// reader does then. Only the reader's thread uses it once it is among the goals.
    private @Nullable Map<TopicPartition, Long> left;

    private volatile boolean reached;
  }

  private enum State {
    NOT_YET,
    READING,
    FAILING,
    CLOSED
  }

  private final KafkaClients clients;
  private final String name;
  private final List<String> topics;
  private final Choice choice;
  private final From from;
  private final Taker taker;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /// Next offset of every partition that has one; only the reader's thread uses it.
  private final Map<TopicPartition, Long> next = new HashMap<>();

  /// What somebody waits for, the first of them what was there when it first read.
  private final Queue<Goal> goals = new ConcurrentLinkedQueue<>();

  private final Goal beginning = new Goal();
  private final EndLookup ends;
  private final SharedLook looks;

  /// What is being taken now.
  private @Nullable ConsumerRecord<String, byte[]> taking;

  /// What was being taken at the last failure, until the reader is past it.
  private @Nullable ConsumerRecord<String, byte[]> failedAt;

  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
  private volatile List<TopicPartition> partitions = List.of();
  private volatile State state = State.NOT_YET;
  private volatile @Nullable Throwable lastFailure;

  /// Reads all partitions of a topic; `name` is that of the thread and of the client.
  public TailReader(KafkaClients clients, String name, Topic topic, From from, Taker taker) {
    this(clients, name, List.of(topic), Choice.ALL, from, taker);
  }

  public TailReader(
      KafkaClients clients,
      String name,
      List<Topic> topics,
      Choice choice,
      From from,
      Taker taker) {
    this.clients = clients;
    this.name = name;
    this.topics = topics.stream().map(clients::name).toList();
    this.choice = choice;
    this.from = from;
    this.taker = taker;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    this.ends = new EndLookup(clients, name + "-ends");
    this.looks = new SharedLook(name + "-looks", this::look);
    goals.add(beginning);
  }

  /// Begins to read; returns at once.
  public void start() {
    thread.start();
  }

  /// Waits until it reads, so that no later record can be missed; throws `IllegalStateException`
  /// with the last failure when `patience` runs out.
  public void awaitReading(Duration patience) {
    await(patience, () -> state == State.READING);
  }

  /// Waits until everything that was there when it first read has been taken; throws
  /// `IllegalStateException` with the last failure when `patience` runs out.
  public void awaitCaughtUp(Duration patience) {
    await(patience, () -> beginning.reached);
  }

  /// Waits until everything that is there now has been taken; throws `NotReadInTimeException` with
  /// the last failure when `patience` runs out. All who wait at about the same time share the work.
  /// Blocks, so it is to be called on virtual threads or on threads of one's own.
  public void awaitCurrent(Duration patience) {
    looks.await(patience, () -> lastFailure);
  }

  private void look(long until) {
    Goal now = new Goal();
    List<TopicPartition> known = partitions;
    if (!known.isEmpty()) {
      now.left = new HashMap<>(ends.ask(known, until));
    }
    goals.add(now);
    KafkaConsumer<String, byte[]> own = consumer;
    if (own != null && state == State.READING) {
      own.wakeup();
    }
    try {
      await(Duration.ofNanos(until - System.nanoTime()), () -> now.reached);
    } finally {
      goals.remove(now);
    }
  }

  private void await(Duration patience, BooleanSupplier wanted) {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (!wanted.getAsBoolean()) {
        if (left <= 0 || state == State.CLOSED) {
          throw new NotReadInTimeException(
              topics + " could not be read within " + patience, lastFailure);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotReadInTimeException("interrupted while waiting for " + topics, e);
    } finally {
      lock.unlock();
    }
  }

  /// Whether it reads now; false before it first could, while it goes on after a failure, and, with
  /// some seconds' delay, while no broker answers.
  public boolean healthy() {
    return state == State.READING && thread.isAlive();
  }

  /// Whether everything that was there when it first read has been taken.
  public boolean caughtUp() {
    return beginning.reached;
  }

  /// The partitions it reads; empty before it first could.
  public List<TopicPartition> partitions() {
    return partitions;
  }

  private void run() {
    Duration rest = SHORTEST_REST;
    while (!closing() && !Thread.currentThread().isInterrupted()) {
      try {
        attempt();
      } catch (Throwable e) {
        if (closing()) {
          break;
        }
        rest = state == State.READING ? SHORTEST_REST : longer(rest);
        failedAt = taking == null ? failedAt : taking;
        taking = null;
        lastFailure = e;
        become(State.FAILING);
        LOG.atError()
            .setCause(e)
            .addKeyValue("reader", name)
            .addKeyValue("restMs", rest.toMillis())
            .log("reader rests and goes on where it was");
        rest(rest);
      }
    }
    become(State.CLOSED);
  }

  private void attempt() {
    KafkaConsumer<String, byte[]> own = clients.assignedConsumer(name);
    try {
      consumer = own;
      seek(own);
      read(own);
    } finally {
      consumer = null;
      // There is nothing to commit, and no fetch under way is worth waiting for.
      own.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  private static Duration longer(Duration rest) {
    Duration twice = rest.multipliedBy(2);
    return twice.compareTo(LONGEST_REST) < 0 ? twice : LONGEST_REST;
  }

  private void rest(Duration time) {
    try {
      if (closing.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.trace("closed while it rests");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Goes where the last attempt stopped, else where a reader begins.
  private void seek(KafkaConsumer<String, byte[]> own) {
    List<TopicPartition> found = new ArrayList<>();
    for (String topic : topics) {
      List<PartitionInfo> infos = own.partitionsFor(topic);
      if (infos == null || infos.isEmpty()) {
        throw new IllegalStateException("topic " + topic + " has no partitions: does it exist?");
      }
      infos.forEach(p -> found.add(new TopicPartition(p.topic(), p.partition())));
    }
    List<TopicPartition> chosen = List.copyOf(choice.of(found));
    own.assign(chosen);
    for (TopicPartition partition : chosen) {
      Long known = next.get(partition);
      if (known != null) {
        own.seek(partition, known);
      } else if (from == From.END) {
        own.seekToEnd(List.of(partition));
        next.put(partition, own.position(partition));
      } else {
        own.seekToBeginning(List.of(partition));
      }
    }
    if (beginning.left == null) {
      beginning.left = new HashMap<>(from == From.END ? Map.of() : own.endOffsets(chosen));
    }
    partitions = chosen;
  }

  private void read(KafkaConsumer<String, byte[]> own) {
    if (failedAt == null) {
      become(State.READING);
    }
    long heard = System.nanoTime();
    while (!closing()) {
      try {
        heard = readOnce(own, heard);
      } catch (WakeupException e) {
        LOG.trace("woken: somebody waits, or it ends");
      }
    }
  }

  /// Gives when the brokers were heard of last.
  private long readOnce(KafkaConsumer<String, byte[]> own, long heardBefore) {
    long heard = heardBefore;
    lookWhatIsReached(own);
    ConsumerRecords<String, byte[]> records = own.poll(POLL);
    if (!records.isEmpty()) {
      heard = System.nanoTime();
    } else if (System.nanoTime() - heard > ASKED_AFTER.toNanos()) {
      own.endOffsets(own.assignment(), ANSWERED_WITHIN);
      heard = System.nanoTime();
    }
    for (ConsumerRecord<String, byte[]> record : records) {
      taking = record;
      taker.take(record);
      taking = null;
      next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
    }
    if (state != State.READING && isPast(own, failedAt)) {
      failedAt = null;
      become(State.READING);
    }
    return heard;
  }

  /// A reader that failed at a record is well again once it is past that record.
  private static boolean isPast(
      KafkaConsumer<String, byte[]> own, @Nullable ConsumerRecord<String, byte[]> failed) {
    return failed == null
        || own.position(new TopicPartition(failed.topic(), failed.partition())) > failed.offset();
  }

  private void lookWhatIsReached(KafkaConsumer<String, byte[]> own) {
    for (Goal goal : goals) {
      Map<TopicPartition, Long> left = goal.left;
      if (left == null) {
        left = new HashMap<>(own.endOffsets(own.assignment(), ANSWERED_WITHIN));
        goal.left = left;
      }
      left.entrySet().removeIf(end -> own.position(end.getKey()) >= end.getValue());
      if (left.isEmpty()) {
        goals.remove(goal);
        lock.lock();
        try {
          goal.reached = true;
          changed.signalAll();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void become(State now) {
    lock.lock();
    try {
      state = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean closing() {
    return closing.getCount() == 0;
  }

  /// Ends the reader; one that was never started has nothing to end.
  @Override
  public void close() {
    looks.close();
    ends.close();
    closing.countDown();
    KafkaConsumer<String, byte[]> own = consumer;
    if (own != null) {
      own.wakeup();
    }
    if (thread.getState() == Thread.State.NEW || Thread.currentThread() == thread) {
      return;
    }
    try {
      if (!thread.join(CLOSES_WITHIN)) {
        LOG.atWarn().addKeyValue("reader", name).log("slow to end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
