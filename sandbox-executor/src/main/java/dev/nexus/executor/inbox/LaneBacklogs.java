package dev.nexus.executor.inbox;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.ShareGroups;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the broker once a second how many tasks wait on the lanes that this executor serves, and
/// reports it. A share group's members do not know what waits behind what they are given, hence the
/// question. Every executor asks: their answers are the same, and the last one counts.
public final class LaneBacklogs implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(LaneBacklogs.class);

  private final KafkaClients clients;
  private final BacklogReports reports;
  private final List<Lane> lanes;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  public LaneBacklogs(KafkaClients clients, BacklogReports reports, List<Lane> lanes) {
    this.clients = clients;
    this.reports = reports;
    this.lanes = List.copyOf(lanes);
    this.thread = Thread.ofVirtual().name("task-backlogs").unstarted(this::run);
  }

  @Override
  public String name() {
    return "task-backlogs";
  }

  @Override
  public void start() {
    thread.start();
  }

  /// Nothing waits for a measurement.
  @Override
  public void awaitReady(Duration patience) {}

  @Override
  public boolean healthy() {
    return thread.isAlive();
  }

  private void run() {
    try (Admin admin = clients.admin()) {
      while (!closing.await(BacklogReports.EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        measure(admin);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void measure(Admin admin) throws InterruptedException {
    Map<String, ListShareGroupOffsetsSpec> wanted =
        lanes.stream().collect(Collectors.toMap(this::group, _ -> new ListShareGroupOffsetsSpec()));
    var answers = admin.listShareGroupOffsets(wanted);
    for (Lane lane : lanes) {
      try {
        long waiting =
            answers.partitionsToOffsetInfo(group(lane)).get().values().stream()
                .mapToLong(info -> info == null ? 0 : info.lag().orElse(0L))
                .sum();
        reports.measured(ShareGroups.ofLane(lane), -1, waiting);
      } catch (ExecutionException e) {
        LOG.atDebug().setCause(e).addKeyValue("lane", lane).log("lane not measured now");
      }
    }
  }

  private String group(Lane lane) {
    return clients.group(ShareGroups.ofLane(lane));
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
  }
}
