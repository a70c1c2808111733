package dev.nexus.command.retention;

import dev.nexus.platform.snapshot.Owner;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes facts that are older than they should stay, or more than should stay, but none that the
/// router, the projector or the oracle may still need: each says up to where its snapshots reach.
/// Every process does it for all partitions: each counts what is left, so it does not matter how
/// many do.
public final class FactRetention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FactRetention.class);
  private static final Duration LOOKED_EVERY = Duration.ofMinutes(1);
  private static final Duration SHORTEST_REST = Duration.ofSeconds(1);

  /// Facts of a partition that are looked at to know how large one is.
  private static final int SAMPLED = 500;

  /// What a record takes besides its content, bytes, about.
  private static final int RECORD_OVERHEAD = 20;

  private final KafkaClients clients;
  private final Snapshots snapshots;
  private final String log;
  private final Limits limits;
  private final Clock clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /// @param kept how long facts stay
  /// @param bytes of one copy of all partitions that stay; 0 for any number
  public record Limits(Duration kept, long bytes) {}

  /// @param log which log `nexus.executions` is
  public FactRetention(
      KafkaClients clients, Snapshots snapshots, String log, Limits limits, Clock clock) {
    this.clients = clients;
    this.snapshots = snapshots;
    this.log = log;
    this.limits = limits;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("fact-retention").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Duration part = limits.kept().dividedBy(10);
    Duration rest = part.compareTo(LOOKED_EVERY) < 0 ? part : LOOKED_EVERY;
    long millis = Math.max(SHORTEST_REST.toMillis(), rest.toMillis());
    try (Admin admin = clients.admin()) {
      while (!closing.await(millis, TimeUnit.MILLISECONDS)) {
        try {
          look(admin);
        } catch (ExecutionException | RuntimeException e) {
          LOG.atWarn().setCause(e).log("old facts could not be deleted, it is tried again");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What is known about a partition.
  private record Extent(long begin, long end, long wantedByTime) {}

  private void look(Admin admin) throws ExecutionException, InterruptedException {
    List<TopicPartition> partitions = partitions(admin, Topic.EXECUTIONS);
    Map<TopicPartition, Extent> extents = extents(admin, partitions);
    double tooMany = shareTooMany(admin, extents);
    int oracles = partitions(admin, Topic.EVIDENCE).size();
    Map<TopicPartition, RecordsToDelete> deleted = new HashMap<>();
    extents.forEach(
        (partition, extent) -> {
          long bySize = extent.begin() + (long) (tooMany * (extent.end() - extent.begin()));
          long wanted = Math.max(extent.wantedByTime(), bySize);
          long until = Math.min(wanted, covered(partition.partition(), oracles));
          if (until > extent.begin()) {
            deleted.put(partition, RecordsToDelete.beforeOffset(until));
          }
        });
    if (!deleted.isEmpty()) {
      admin.deleteRecords(deleted).all().get();
      LOG.atInfo().addKeyValue("before", deleted).log("old facts deleted");
    }
  }

  /// The offset before which nobody needs a fact; 0 when somebody did not say.
  private long covered(int partition, int oracles) {
    List<String> owners = new ArrayList<>(List.of(Owner.ROUTER, Owner.PROJECTOR));
    for (int oracle = 0; oracle < oracles; oracle++) {
      owners.add(Owner.oracle(oracle));
    }
    return owners.stream()
        .map(owner -> snapshots.covered(owner, Topic.EXECUTIONS, partition, log))
        .mapToLong(covered -> covered.orElse(0))
        .min()
        .orElse(0);
  }

  private Map<TopicPartition, Extent> extents(Admin admin, List<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    Instant old = clock.instant().minus(limits.kept());
    var begins = offsets(admin, partitions, OffsetSpec.earliest());
    var ends = offsets(admin, partitions, OffsetSpec.latest());
    var young =
        offsets(admin, partitions, OffsetSpec.forTimestamp(Math.max(0, old.toEpochMilli())));
    Map<TopicPartition, Extent> extents = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long end = offset(ends, partition).orElse(0);
      extents.put(
          partition,
          new Extent(
              offset(begins, partition).orElse(0), end, offset(young, partition).orElse(end)));
    }
    return extents;
  }

  private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
      Admin admin, List<TopicPartition> partitions, OffsetSpec spec)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, spec));
    return admin
        .listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .get();
  }

  private static OptionalLong offset(
      Map<TopicPartition, ListOffsetsResultInfo> found, TopicPartition partition) {
    ListOffsetsResultInfo info = found.get(partition);
    return info == null || info.offset() < 0
        ? OptionalLong.empty()
        : OptionalLong.of(info.offset());
  }

  private List<TopicPartition> partitions(Admin admin, Topic topic)
      throws ExecutionException, InterruptedException {
    return admin
        .describeTopics(List.of(clients.name(topic)))
        .allTopicNames()
        .get()
        .values()
        .stream()
        .flatMap(
            found ->
                found.partitions().stream()
                    .map(partition -> new TopicPartition(found.name(), partition.partition())))
        .toList();
  }

  /// The share of facts that is more than should stay. Counted by what is left: the broker frees
  /// whole files, minutes later, so the bytes on the disk say only that it may be too much.
  private double shareTooMany(Admin admin, Map<TopicPartition, Extent> extents)
      throws ExecutionException, InterruptedException {
    if (limits.bytes() == 0) {
      return 0;
    }
    Map<TopicPartition, Long> sizes = sizes(admin);
    if (sizes.values().stream().mapToLong(Long::longValue).sum() <= limits.bytes()) {
      return 0;
    }
    double left = 0;
    try (var consumer = clients.assignedConsumer("fact-retention", SAMPLED)) {
      for (var entry : extents.entrySet()) {
        long facts = entry.getValue().end() - entry.getValue().begin();
        double onDisk = sizes.getOrDefault(entry.getKey(), 0L);
        left += Math.min(onDisk, facts * bytesOfAFact(consumer, entry.getKey(), entry.getValue()));
      }
    }
    return left <= limits.bytes() ? 0 : 1 - limits.bytes() / left;
  }

  private static double bytesOfAFact(
      KafkaConsumer<String, byte[]> consumer, TopicPartition partition, Extent extent) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, extent.begin());
    long bytes = 0;
    int records = 0;
    for (var record : consumer.poll(Duration.ofSeconds(1))) {
      records++;
      bytes += RECORD_OVERHEAD + record.serializedKeySize() + record.serializedValueSize();
      for (var header : record.headers()) {
        bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
      }
    }
    return records == 0 ? 0 : (double) bytes / records;
  }

  private Map<TopicPartition, Long> sizes(Admin admin)
      throws ExecutionException, InterruptedException {
    String topic = clients.name(Topic.EXECUTIONS);
    List<Integer> brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
    Map<TopicPartition, Long> sizes = new HashMap<>();
    for (Map<String, LogDirDescription> broker :
        admin.describeLogDirs(brokers).allDescriptions().get().values()) {
      for (LogDirDescription directory : broker.values()) {
        directory
            .replicaInfos()
            .forEach(
                (partition, replica) -> {
                  if (partition.topic().equals(topic)) {
                    sizes.merge(partition, replica.size(), Math::max);
                  }
                });
      }
    }
    return sizes;
  }

  @Override
  public void close() {
    closing.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
