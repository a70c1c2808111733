package dev.nexus.platform.stream;

import dev.nexus.event.task.Lane;
import dev.nexus.topic.Topic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;

/// How many records wait for somebody: those between where it stands and the end of what is
/// committed, over all its partitions. The one computation of it, for what refuses new work, for
/// what leaves events on `nexus.ingress` and for `doctor`, so that they agree.
///
/// Ends are asked for before positions: what counts was on the log and not done, and a reader that
/// keeps up with a busy log has no lag. A reader that nothing is known of has everything before it.
///
/// What the brokers do not answer is an `ExecutionException`, never a lag of 0.
public final class LogLag {
  private final KafkaClients clients;
  private final Admin admin;

  /// @param admin one that does not wait long (`KafkaClients#impatientAdmin`), closed by the caller
  public LogLag(KafkaClients clients, Admin admin) {
    this.clients = clients;
    this.admin = admin;
  }

  /// Where somebody stands, asked for when the ends are known.
  public interface Positions {
    Map<TopicPartition, Long> now() throws ExecutionException, InterruptedException;
  }

  /// Records between these positions and the ends of these partitions; a partition without a
  /// position counts from its beginning.
  public long behind(Collection<TopicPartition> partitions, Positions positions)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> ends = LogOffsets.at(admin, partitions, OffsetSpec.latest());
    Map<TopicPartition, Long> stands = positions.now();
    Map<TopicPartition, Long> late = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          if (end > stands.getOrDefault(partition, 0L)) {
            late.put(partition, end);
          }
        });
    if (late.isEmpty()) {
      return 0;
    }
    // What was deleted waits for nobody.
    Map<TopicPartition, Long> begins = LogOffsets.at(admin, late.keySet(), OffsetSpec.earliest());
    long behind = 0;
    for (var end : late.entrySet()) {
      TopicPartition partition = end.getKey();
      long from = Math.max(begins.getOrDefault(partition, 0L), stands.getOrDefault(partition, 0L));
      behind += Math.max(0, end.getValue() - from);
    }
    return behind;
  }

  /// Records of some topics that a consumer group is not done with, as its members told the broker.
  ///
  /// @param group as it is named within an installation: `router`
  public long ofGroup(String group, Collection<Topic> topics)
      throws ExecutionException, InterruptedException {
    return ofGroup(group, topics, Map::of);
  }

  /// As `ofGroup`, where somebody knows of some partitions better than the broker, which is told
  /// once a second.
  ///
  /// @param known positions; one behind what the broker was told does not count
  long ofGroup(String group, Collection<Topic> topics, Supplier<Map<TopicPartition, Long>> known)
      throws ExecutionException, InterruptedException {
    return behind(
        LogPartitions.of(clients, admin, topics),
        () -> {
          Map<TopicPartition, Long> positions = told(group);
          known.get().forEach((partition, at) -> positions.merge(partition, at, Math::max));
          return positions;
        });
  }

  private Map<TopicPartition, Long> told(String group)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> positions = new HashMap<>();
    try {
      admin
          .listConsumerGroupOffsets(clients.group(group))
          .partitionsToOffsetAndMetadata()
          .get()
          .forEach(
              (partition, told) -> {
                if (told != null) {
                  positions.put(partition, told.offset());
                }
              });
    } catch (ExecutionException e) {
      GroupMembers.requireNobodyCame(e);
    }
    return positions;
  }

  /// Tasks of a lane that nobody is done with. The broker counts them from the first task that was
  /// done. Until then everything waits that the group has not passed: from where it stands, or from
  /// the log's beginning when nobody came yet.
  public long ofLane(Lane lane) throws ExecutionException, InterruptedException {
    Map<TopicPartition, SharePartitionOffsetInfo> told = toldOfShareGroup(lane);
    long counted = told.values().stream().mapToLong(info -> info.lag().orElse(0L)).sum();
    Map<TopicPartition, Long> positions = new HashMap<>();
    told.forEach((partition, info) -> positions.put(partition, Math.max(0, info.startOffset())));
    var uncounted =
        LogPartitions.of(clients, admin, Topic.ofLane(lane)).stream()
            .filter(
                partition -> {
                  SharePartitionOffsetInfo info = told.get(partition);
                  return info == null || info.lag().isEmpty();
                })
            .toList();
    return counted + (uncounted.isEmpty() ? 0 : behind(uncounted, () -> positions));
  }

  private Map<TopicPartition, SharePartitionOffsetInfo> toldOfShareGroup(Lane lane)
      throws ExecutionException, InterruptedException {
    String group = clients.group(ShareGroups.ofLane(lane));
    try {
      Map<TopicPartition, SharePartitionOffsetInfo> told =
          new HashMap<>(
              admin
                  .listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                  .partitionsToOffsetInfo(group)
                  .get());
      told.values().removeIf(Objects::isNull);
      return told;
    } catch (ExecutionException e) {
      GroupMembers.requireNobodyCame(e);
      return Map.of();
    }
  }
}
