package dev.nexus.platform.stream;

import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The partitions of co-partitioned topics that this instance owns in its group: one thread reads,
/// and each partition number has a thread that works. A partition is read only while its owner has
/// recovered and has room, so a slow one holds up no other. When a topic is given other partitions,
/// it stands still and says so until it has as many as before.
public final class OwnedPartitions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnedPartitions.class);

  /// Rest before a failed membership is begun anew.
  private static final Duration REJOINS_AFTER = Duration.ofSeconds(1);

  /// Longest that partitions may finish what is under way when they are given up.
  private static final Duration PARTITIONS_END_WITHIN = Duration.ofSeconds(10);

  /// So many attempts in a row, some seconds.
  private static final int REFUSALS_BELIEVED = 10;

  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  /// Bounds what a missed signal costs, and how late a rebalance is answered.
  private static final Duration LONGEST_REST = Duration.ofMillis(50);

  private final String name;
  private final KafkaClients clients;
  private final List<Topic> topics;
  private final Supplier<KafkaConsumer<String, byte[]>> consumers;
  private final IntFunction<PartitionWork> workOfPartition;
  private final Map<Integer, PartitionThread> owned = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Runnable> forReader = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final FailureLog failures = new FailureLog(LOG);
  private final Progress progress = new Progress();
  private final PartitionCounts counts;
  private final Thread reader;
  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
  private volatile boolean assigned;

  /// Why it is no member of its group, and how often in a row that failed.
  private volatile PartitionThread.Refusals refusals = PartitionThread.Refusals.NONE;

  private long toldAt = System.nanoTime();

  /// @param staticMember name this member keeps over restarts, so that a restarted process gets
  ///     its partitions back at once; "" for none
  public OwnedPartitions(
      String name,
      KafkaClients clients,
      List<Topic> topics,
      String staticMember,
      IntFunction<PartitionWork> workOfPartition) {
    this.name = name;
    this.clients = clients;
    this.topics = List.copyOf(topics);
    this.counts = new PartitionCounts(topics.stream().map(clients::name).toList());
    this.consumers = () -> clients.groupConsumer(name, name, staticMember);
    this.workOfPartition = workOfPartition;
    this.reader = Thread.ofPlatform().name(name + "-reader").unstarted(this::read);
  }

  /// How far the whole group is behind, with what is known here and not yet by the broker, which is
  /// told once a second.
  public long behind(LogLag lag) throws ExecutionException, InterruptedException {
    return lag.ofGroup(name, topics, progress::positions);
  }

  public void start() {
    reader.start();
  }

  /// Waits until partitions were assigned and every one of them has recovered. Throws
  /// `CannotGoOnException` when one of them, or the whole, keeps refusing to until a person has
  /// mended something, and `IllegalStateException`, with the last failure, when
  /// `patience` runs out.
  public void awaitReady(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!healthy()) {
        throwWhenItRefuses(refusals);
        owned.values().forEach(thread -> throwWhenItRefuses(thread.refusals()));
        if (System.nanoTime() > end || closing()) {
          throw notReady(patience);
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  /// A few attempts are made before: a disk that comes late is nothing to end for.
  private static void throwWhenItRefuses(PartitionThread.Refusals refusals) {
    if (refusals.count() >= REFUSALS_BELIEVED
        && refusals.last().orElse(null) instanceof CannotGoOnException refusal) {
      throw refusal;
    }
  }

  private IllegalStateException notReady(Duration patience) {
    Optional<Throwable> last =
        owned.values().stream()
            .flatMap(thread -> thread.refusals().last().stream())
            .findFirst()
            .or(refusals::last);
    return new IllegalStateException(
        name
            + " was not ready within "
            + patience
            + last.map(failure -> ": " + failure.getMessage()).orElse(""),
        last.orElse(null));
  }

  /// Whether partitions are assigned and every one of them is worked on and healthy.
  public boolean healthy() {
    return assigned
        && reader.isAlive()
        && owned.values().stream().allMatch(PartitionThread::healthy);
  }

  private boolean closing() {
    return closing.getCount() == 0;
  }

  /// Reads as a member of the group; a membership that fails is ended and begun anew.
  private void read() {
    try {
      while (!closing()) {
        try {
          readAsMember();
        } catch (WakeupException e) {
          LOG.trace("reader woken before it was a member");
        } catch (Throwable e) {
          tell(e.getCause() instanceof CannotGoOnException refusal ? refusal : e);
        }
        assigned = assigned && closing();
        if (closing.await(REJOINS_AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(Throwable failure) {
    failures.tell(failure, "reader joins its group again", name, "all");
    refusals = refusals.and(failure);
  }

  private void readAsMember() {
    KafkaConsumer<String, byte[]> member = consumers.get();
    consumer = member;
    try {
      counts.require(member);
      member.subscribe(topics.stream().map(clients::name).toList(), new Assignments(member));
      while (!closing()) {
        try {
          for (Runnable task = forReader.poll(); task != null; task = forReader.poll()) {
            task.run();
          }
          tellProgress(member);
          awaitDemand();
          hand(member, member.poll(Duration.ofMillis(200)));
        } catch (WakeupException e) {
          LOG.trace("reader woken");
        }
      }
    } finally {
      end(List.copyOf(owned.values()));
      owned.clear();
      forReader.clear();
      consumer = null;
      leave(member);
    }
  }

  /// All end side by side: one after the other could take longer than the group waits for us.
  private static void end(Collection<PartitionThread> threads) {
    threads.forEach(PartitionThread::ending);
    long deadline = System.nanoTime() + PARTITIONS_END_WITHIN.toNanos();
    threads.forEach(thread -> thread.awaitEnd(deadline));
  }

  /// Gives the partitions up at once, also as a static member, whose place would else be kept.
  private void leave(KafkaConsumer<String, byte[]> member) {
    try {
      member.close(
          CloseOptions.timeout(Duration.ofSeconds(5))
              .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).addKeyValue("group", name).log("the group was not left");
    }
  }

  /// Rests while every partition has records it did not begin with: what comes meanwhile is fetched
  /// at once then, and not in a request a record. One rest only: a member must poll, or it is not
  /// told that a partition is no longer its own.
  private void awaitDemand() {
    if (!owned.isEmpty()
        && owned.values().stream().allMatch(PartitionThread::hasQueued)
        && forReader.isEmpty()
        && !closing()) {
      LockSupport.parkNanos(this, LONGEST_REST.toNanos());
    }
  }

  /// Commits once a second how far the inputs are worked off, for others to see how much waits.
  /// Owners never begin there: they begin where what they have written says. Also looks whether the
  /// topics are as they were, which the group notices only when the member that leads it does.
  private void tellProgress(KafkaConsumer<String, byte[]> member) {
    if (System.nanoTime() - toldAt < PROGRESS_EVERY.toNanos()) {
      return;
    }
    toldAt = System.nanoTime();
    counts.require(member);
    Map<TopicPartition, OffsetAndMetadata> news =
        progress.news(member.assignment(), member::position);
    if (news.isEmpty()) {
      return;
    }
    member.commitAsync(
        news,
        (told, failure) -> {
          if (failure != null) {
            LOG.atDebug().setCause(failure).addKeyValue("group", name).log("progress not told");
          }
        });
  }

  private void hand(KafkaConsumer<String, byte[]> member, ConsumerRecords<String, byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      progress.handed(partition, records.records(partition).getLast().offset() + 1);
      PartitionThread thread = owned.get(partition.partition());
      if (thread != null && thread.offer(records.records(partition))) {
        member.pause(thread.inputs());
      }
    }
  }

  /// Lets the reading thread do something with the consumer, which only it may touch.
  private void tellReader(Runnable task) {
    forReader.add(task);
    wakeReader();
  }

  private void wakeReader() {
    LockSupport.unpark(reader);
    KafkaConsumer<String, byte[]> present = consumer;
    if (present != null) {
      present.wakeup();
    }
  }

  private final class Assignments implements ConsumerRebalanceListener {
    private final KafkaConsumer<String, byte[]> member;

    Assignments(KafkaConsumer<String, byte[]> member) {
      this.member = member;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
      Map<Integer, List<TopicPartition>> byNumber = counts.byNumber(added, member);
      member.pause(added);
      byNumber.forEach(
          (number, inputs) -> {
            PartitionThread thread =
                new PartitionThread(name, number, inputs, workOfPartition, new ReaderPort(member));
            owned.put(number, thread);
            thread.start();
          });
      assigned = true;
      refusals = PartitionThread.Refusals.NONE;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> removed) {
      end(
          removed.stream()
              .map(partition -> owned.remove(partition.partition()))
              .filter(Objects::nonNull)
              .toList());
    }
  }

  /// What a partition's thread may ask of the reader.
  final class ReaderPort {
    private final KafkaConsumer<String, byte[]> member;

    ReaderPort(KafkaConsumer<String, byte[]> member) {
      this.member = member;
    }

    /// Reads on from the positions; a missing one means the beginning.
    void readFrom(PartitionThread thread, Map<TopicPartition, Long> positions, int epoch) {
      tellReader(
          () -> {
            if (owned.get(thread.number()) != thread) {
              return;
            }
            for (TopicPartition input : thread.inputs()) {
              Long position = positions.get(input);
              if (position == null) {
                member.seekToBeginning(List.of(input));
              } else {
                member.seek(input, position);
                progress.handed(input, position);
              }
            }
            thread.readingIn(epoch);
            member.resume(thread.inputs());
          });
      workedOff(positions);
    }

    /// These records are worked off, and all before them.
    void workedOff(List<ConsumerRecord<String, byte[]>> records) {
      Map<TopicPartition, Long> next = new HashMap<>();
      records.forEach(r -> next.put(new TopicPartition(r.topic(), r.partition()), r.offset() + 1));
      workedOff(next);
    }

    private void workedOff(Map<TopicPartition, Long> positions) {
      positions.forEach(progress::workedOff);
    }

    /// Records were taken: there may be demand for more.
    void taken() {
      LockSupport.unpark(reader);
    }

    void resume(PartitionThread thread) {
      tellReader(
          () -> {
            if (owned.get(thread.number()) == thread) {
              member.resume(thread.inputs());
            }
          });
    }
  }

  @Override
  public void close() {
    closing.countDown();
    wakeReader();
    if (reader.getState() == Thread.State.NEW) {
      return;
    }
    try {
      reader.join(Duration.ofSeconds(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
