package dev.nexus.oracle.topology;

import dev.nexus.oracle.topology.Components.Ownership;
import dev.nexus.oracle.topology.OraclePartition.Surroundings;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The oracle of this process: joins the group that shares the partitions of nexus.evidence and
/// works for those it is given.
public final class OracleService implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(OracleService.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  private final Surroundings around;
  private final String staticMember;
  private final Map<Integer, OraclePartition> owned = new ConcurrentHashMap<>();
  private final CountDownLatch assigned = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /// Of progress; they belong to the thread.
  private long toldAt = System.nanoTime();

  private Map<TopicPartition, OffsetAndMetadata> told = Map.of();

  /// @param snapshotEvery time between two snapshots of those who take some
  /// @param staticMember name this member keeps over restarts, so that a restarted process gets its
  ///     partitions back at once; "" for none
  public OracleService(
      KafkaClients clients,
      DefinitionCatalog catalog,
      DeadLetters deadLetters,
      Payloads payloads,
      Snapshots snapshots,
      Duration snapshotEvery,
      Clock clock,
      String staticMember) {
    AtomicLong definitionChanges = new AtomicLong();
    catalog.onSwitch(_ -> definitionChanges.incrementAndGet());
    this.around =
        new Surroundings(
            clients,
            catalog,
            deadLetters,
            payloads,
            snapshots,
            snapshotEvery,
            clock,
            definitionChanges);
    this.staticMember = staticMember;
    this.thread = Thread.ofPlatform().daemon().name("oracle-membership").unstarted(this::run);
  }

  @Override
  public String name() {
    return "oracle";
  }

  @Override
  public void start() {
    thread.start();
  }

  /// A membership that fails is ended and begun anew.
  private void run() {
    while (!isClosing()) {
      try (KafkaConsumer<String, byte[]> membership =
          around.clients().groupConsumer(ConsumerGroup.ORACLE.groupName(), name(), staticMember)) {
        around.catalog().awaitCaughtUp(Duration.ofMinutes(1));
        takePart(membership);
      } catch (Throwable e) {
        LOG.atError().setCause(e).log("the oracle joins its group again");
        pause();
      } finally {
        giveUp(List.copyOf(owned.keySet()));
      }
    }
  }

  private void takePart(KafkaConsumer<String, byte[]> membership) {
    membership.subscribe(List.of(around.clients().name(Topic.EVIDENCE)), new HandOver(membership));
    while (!isClosing()) {
      // The records themselves are read by whoever owns a partition, from its beginning.
      membership.poll(POLL);
      tellProgress(membership);
    }
    giveUp(List.copyOf(owned.keySet()));
    membership.close(
        CloseOptions.timeout(Duration.ofSeconds(5))
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
  }

  /// Tells the brokers once a second how far nexus.executions is read, for others to see. Nobody
  /// begins there.
  private void tellProgress(KafkaConsumer<String, byte[]> membership) {
    if (System.nanoTime() - toldAt < PROGRESS_EVERY.toNanos()) {
      return;
    }
    toldAt = System.nanoTime();
    Map<TopicPartition, OffsetAndMetadata> news = new HashMap<>();
    for (OraclePartition worker : owned.values()) {
      worker.progress().forEach((p, next) -> news.put(p, new OffsetAndMetadata(next)));
    }
    if (!news.isEmpty() && !news.equals(told)) {
      told = Map.copyOf(news);
      membership.commitAsync(news, (_, failure) -> told = failure == null ? told : Map.of());
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause() {
    try {
      closing.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      closing.countDown();
    }
  }

  private final class HandOver implements ConsumerRebalanceListener {
    private final KafkaConsumer<String, byte[]> membership;

    HandOver(KafkaConsumer<String, byte[]> membership) {
      this.membership = membership;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      membership.pause(partitions);
      int count = membership.partitionsFor(around.clients().name(Topic.EVIDENCE)).size();
      for (TopicPartition partition : partitions) {
        owned.computeIfAbsent(
            partition.partition(),
            p -> new OraclePartition(around, new Ownership(p, count)).start());
      }
      assigned.countDown();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      giveUp(partitions.stream().map(TopicPartition::partition).toList());
    }
  }

  private void giveUp(Collection<Integer> partitions) {
    for (Integer partition : partitions) {
      OraclePartition worker = owned.remove(partition);
      if (worker != null) {
        worker.close();
      }
    }
  }

  @Override
  public void awaitReady(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      boolean known = assigned.await(patience.toMillis(), TimeUnit.MILLISECONDS);
      while (!known || !healthy()) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("the oracle was not ready within " + patience);
        }
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the oracle", e);
    }
  }

  @Override
  public boolean healthy() {
    return thread.isAlive()
        && assigned.getCount() == 0
        && owned.values().stream().allMatch(OraclePartition::healthy);
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.getState() != Thread.State.NEW) {
        thread.join(Duration.ofSeconds(15));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
