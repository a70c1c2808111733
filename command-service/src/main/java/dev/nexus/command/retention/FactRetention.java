package dev.nexus.command.retention;

import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.snapshot.FactCoverage;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogOffsets;
import dev.nexus.platform.stream.LogPartitions;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes facts that are older than they should stay, or more than should stay, but none that the
/// router, the projector or the oracle may still need: each says up to where its snapshots reach. A
/// fact is as old as its record, and that bears the broker's time.
/// Every process does it for all partitions: each counts what is left, so it does not matter how
/// many do.
public final class FactRetention extends RecurringService {
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
  private final Admin admin;

  /// @param kept how long facts stay
  /// @param bytes of one copy of all partitions that stay; 0 for any number
  public record Limits(Duration kept, long bytes) {}

  /// @param log which log `nexus.executions` is
  public FactRetention(
      KafkaClients clients, Snapshots snapshots, String log, Limits limits, Clock clock) {
    super("fact-retention", rest(limits.kept()), First.AFTER_A_REST);
    this.clients = clients;
    this.snapshots = snapshots;
    this.log = log;
    this.limits = limits;
    this.clock = clock;
    this.admin = clients.admin();
  }

  private static Duration rest(Duration kept) {
    Duration part = kept.dividedBy(10);
    Duration rest = part.compareTo(LOOKED_EVERY) < 0 ? part : LOOKED_EVERY;
    return rest.compareTo(SHORTEST_REST) < 0 ? SHORTEST_REST : rest;
  }

  /// What is known about a partition.
  private record Extent(long begin, long end, long wantedByTime) {}

  @Override
  protected void round() throws ExecutionException, InterruptedException {
    List<TopicPartition> partitions = LogPartitions.of(clients, admin, Topic.EXECUTIONS);
    Map<TopicPartition, Extent> extents = extents(partitions);
    double tooMany = shareTooMany(extents);
    FactCoverage coverage = FactCoverage.now(snapshots.index(), log, clients, admin);
    Map<TopicPartition, RecordsToDelete> deleted = new HashMap<>();
    extents.forEach(
        (partition, extent) -> {
          long bySize = extent.begin() + (long) (tooMany * (extent.end() - extent.begin()));
          long wanted = Math.max(extent.wantedByTime(), bySize);
          long until = Math.min(wanted, coverage.covered(partition.partition()));
          if (until > extent.begin()) {
            deleted.put(partition, RecordsToDelete.beforeOffset(until));
          }
        });
    if (!deleted.isEmpty()) {
      admin.deleteRecords(deleted).all().get();
      LOG.atInfo().addKeyValue("before", deleted).log("old facts deleted");
    }
  }

  private Map<TopicPartition, Extent> extents(List<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    Instant old = clock.instant().minus(limits.kept());
    var begins = LogOffsets.at(admin, partitions, OffsetSpec.earliest());
    var ends = LogOffsets.at(admin, partitions, OffsetSpec.latest());
    var young =
        LogOffsets.at(admin, partitions, OffsetSpec.forTimestamp(Math.max(0, old.toEpochMilli())));
    Map<TopicPartition, Extent> extents = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long end = ends.getOrDefault(partition, 0L);
      extents.put(
          partition,
          new Extent(begins.getOrDefault(partition, 0L), end, young.getOrDefault(partition, end)));
    }
    return extents;
  }

  /// The share of facts that is more than should stay. Counted by what is left: the broker frees
  /// whole files, minutes later, so the bytes on the disk say only that it may be too much.
  private double shareTooMany(Map<TopicPartition, Extent> extents)
      throws ExecutionException, InterruptedException {
    if (limits.bytes() == 0) {
      return 0;
    }
    Map<TopicPartition, Long> sizes = sizes();
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

  private Map<TopicPartition, Long> sizes() throws ExecutionException, InterruptedException {
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
  protected void release() {
    admin.close(Duration.ZERO);
  }
}
