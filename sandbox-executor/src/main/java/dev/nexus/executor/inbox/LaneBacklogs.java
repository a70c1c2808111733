package dev.nexus.executor.inbox;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogPartitions;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the broker once a second how many tasks wait on the lanes that this executor serves, and
/// reports it. A share group's members do not know what waits behind what they are given, hence the
/// question. Every executor asks: their answers are the same, and the last one counts.
public final class LaneBacklogs extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(LaneBacklogs.class);

  private final KafkaClients clients;
  private final BacklogReports reports;
  private final List<Lane> lanes;
  private final Admin admin;

  public LaneBacklogs(KafkaClients clients, BacklogReports reports, List<Lane> lanes) {
    super("task-backlogs", BacklogReports.EVERY, First.AFTER_A_REST);
    this.clients = clients;
    this.reports = reports;
    this.lanes = List.copyOf(lanes);
    this.admin = clients.admin();
  }

  @Override
  protected void round() throws InterruptedException {
    Map<String, ListShareGroupOffsetsSpec> wanted =
        lanes.stream().collect(Collectors.toMap(this::group, _ -> new ListShareGroupOffsetsSpec()));
    var answers = admin.listShareGroupOffsets(wanted);
    for (Lane lane : lanes) {
      try {
        var known = answers.partitionsToOffsetInfo(group(lane)).get();
        long waiting = 0;
        for (TopicPartition partition : LogPartitions.of(clients, admin, Topic.ofLane(lane))) {
          waiting += waiting(partition, known.get(partition));
        }
        reports.measured(ShareGroups.ofLane(lane), -1, waiting);
      } catch (ExecutionException e) {
        LOG.atDebug().setCause(e).addKeyValue("lane", lane).log("lane not measured now");
      }
    }
  }

  /// The broker counts from the first task that was done. Until then everything waits that the
  /// group has not passed: from where it stands, or from the log's beginning when nobody came yet.
  private long waiting(TopicPartition partition, @Nullable SharePartitionOffsetInfo known)
      throws ExecutionException, InterruptedException {
    if (known != null && known.lag().isPresent()) {
      return known.lag().get();
    }
    long end = offset(partition, OffsetSpec.latest());
    long from =
        known != null && known.startOffset() >= 0
            ? known.startOffset()
            : offset(partition, OffsetSpec.earliest());
    return Math.max(0, end - from);
  }

  private long offset(TopicPartition partition, OffsetSpec at)
      throws ExecutionException, InterruptedException {
    return admin.listOffsets(Map.of(partition, at)).partitionResult(partition).get().offset();
  }

  private String group(Lane lane) {
    return clients.group(ShareGroups.ofLane(lane));
  }

  @Override
  protected void release() {
    admin.close(Duration.ZERO);
  }
}
