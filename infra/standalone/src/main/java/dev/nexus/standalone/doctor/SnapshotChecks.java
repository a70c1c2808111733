package dev.nexus.standalone.doctor;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.FactCoverage;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.SnapshotSeries;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.platform.stream.LogPartitions;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/// Looks whether old facts are deleted, and who keeps them where they are not.
final class SnapshotChecks {
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(10);

  private final KafkaClients clients;
  private final Admin admin;
  private final Settings settings;

  SnapshotChecks(KafkaClients clients, Admin admin, Settings settings) {
    this.clients = clients;
    this.admin = admin;
    this.settings = settings;
  }

  Finding run() throws ExecutionException, InterruptedException {
    Clock clock = Clock.systemUTC();
    try (EventProducer producer = new EventProducer(clients, "doctor");
        Snapshots snapshots =
            SnapshotModule.follow(
                clients,
                producer,
                new DeadLetters(producer, "doctor", clock),
                settings,
                "doctor",
                clock)) {
      snapshots.awaitCaughtUp(KNOWN_WITHIN);
      return judged(snapshots, clock.instant());
    }
  }

  private Finding judged(Snapshots snapshots, Instant now)
      throws ExecutionException, InterruptedException {
    String log =
        LogIdentity.of(clients, List.of(Topic.EXECUTIONS)).getOrDefault(Topic.EXECUTIONS, "");
    Duration kept = settings.duration(Setting.FACTS_KEPT);
    // A snapshot waits until enough has changed, so some delay is nothing to worry about.
    Instant expected = now.minus(kept.multipliedBy(3).dividedBy(2)).minus(Duration.ofDays(1));
    FactCoverage coverage = FactCoverage.now(snapshots, log, clients, admin);
    List<String> old = new ArrayList<>();
    int covered = 0;
    Map<TopicPartition, ListOffsetsResultInfo> oldest = offsets(OffsetSpec.forTimestamp(0));
    for (var entry : oldest.entrySet()) {
      int partition = entry.getKey().partition();
      List<String> silent = coverage.silent(partition).stream().map(Owner::name).toList();
      covered += silent.isEmpty() ? 1 : 0;
      Instant first = Instant.ofEpochMilli(entry.getValue().timestamp());
      if (entry.getValue().offset() >= 0 && first.isBefore(expected)) {
        old.add(
            entry.getKey()
                + " has facts of "
                + first
                + (silent.isEmpty() ? "" : ", not yet covered by " + String.join(", ", silent)));
      }
    }
    List<String> lost = lost(new SnapshotSeries(snapshots, Owner.ROUTER, Topic.EXECUTIONS, log));
    if (!lost.isEmpty()) {
      return Finding.doubtful(
          "snapshots",
          String.join("; ", lost)
              + ": a router that has lost its shelf refuses to go on, until another is taken",
          "make "
              + snapshots.store().directory()
              + " available as it was, or set NEXUS_WITHOUT_SNAPSHOT=true to go on without what was"
              + " open or answered then");
    }
    String all =
        covered == 0
            ? "none yet, and none is needed before facts are old"
            : covered
                + " of "
                + Finding.count(oldest.size(), "partition")
                + " covered by all owners";
    return old.isEmpty()
        ? Finding.good("snapshots", all + "; facts stay " + Settings.inWords(kept))
        : Finding.doubtful(
            "snapshots",
            String.join("; ", old),
            "start the services named; an oracle says nothing while it waits for code");
  }

  /// Partitions of which facts were deleted and nothing has what followed from them.
  private List<String> lost(SnapshotSeries router) throws ExecutionException, InterruptedException {
    Map<TopicPartition, ListOffsetsResultInfo> begins = offsets(OffsetSpec.earliest());
    Map<TopicPartition, ListOffsetsResultInfo> ends = offsets(OffsetSpec.latest());
    List<String> lost = new ArrayList<>();
    for (var entry : begins.entrySet()) {
      TopicPartition partition = entry.getKey();
      long begin = entry.getValue().offset();
      ListOffsetsResultInfo end = ends.get(partition);
      if (begin > 0
          && end != null
          && router.newest(partition.partition(), begin, end.offset()).isEmpty()) {
        lost.add(
            "the facts of "
                + partition
                + " before "
                + begin
                + " were deleted, and no snapshot of the router has what followed from them");
      }
    }
    return lost;
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(OffsetSpec spec)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    LogPartitions.of(clients, admin, Topic.EXECUTIONS).forEach(p -> asked.put(p, spec));
    return admin.listOffsets(asked).all().get();
  }
}
