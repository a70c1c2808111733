package dev.nexus.standalone.doctor;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.FactCoverage;
import dev.nexus.platform.snapshot.KnownSeries;
import dev.nexus.platform.snapshot.SnapshotIndex;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.platform.stream.LogOffsets;
import dev.nexus.platform.stream.LogPartitions;
import dev.nexus.standalone.log.TopicReading;
import dev.nexus.standalone.log.TopicReading.From;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/// Looks whether old facts are deleted, and who keeps them where they are not.
final class SnapshotChecks {
  private static final String CHECK = "snapshots";
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(10);

  private final KafkaClients clients;
  private final Admin admin;
  private final Settings settings;
  private final Embedded own;

  SnapshotChecks(KafkaClients clients, Admin admin, Settings settings, Embedded own) {
    this.clients = clients;
    this.admin = admin;
    this.settings = settings;
    this.own = own;
  }

  /// It only looks: what it cannot read it counts, and leaves it to the services to put that aside.
  List<Finding> run() throws ExecutionException, IOException, InterruptedException {
    SnapshotIndex snapshots =
        new SnapshotIndex(new SnapshotStore(SnapshotModule.directory(settings)));
    long unreadable = read(snapshots);
    List<Finding> findings = new ArrayList<>();
    findings.add(judged(snapshots, Instant.now()));
    if (unreadable > 0) {
      findings.add(
          Finding.doubtful(
              CHECK,
              Finding.count(unreadable, "record")
                  + " of "
                  + clients.name(Topic.SNAPSHOTS)
                  + " cannot be read, and what they say counts for nothing",
              "./nexus dead-letters list shows them; look who else writes to that topic"));
    }
    return findings;
  }

  private long read(SnapshotIndex snapshots)
      throws ExecutionException, IOException, InterruptedException {
    EventCodec<SnapshotEvent> codec = EventCodec.of(Topic.SNAPSHOTS, SnapshotEvent.class);
    AtomicLong unreadable = new AtomicLong();
    try (TopicReading log =
        TopicReading.of(
            clients, admin, Topic.SNAPSHOTS, new From.Beginning(), "nexus-doctor", KNOWN_WITHIN)) {
      log.toTheEnd(
          record -> {
            try {
              if (record.key() == null) {
                throw new UnreadableRecordException("a record with a key expected, found none");
              }
              snapshots.know(
                  record.key(),
                  record.value() == null ? null : codec.decode(record.value()).body());
            } catch (UnreadableRecordException e) {
              unreadable.incrementAndGet();
            }
          },
          (_, _) -> {});
    }
    return unreadable.get();
  }

  private Finding judged(SnapshotIndex snapshots, Instant now)
      throws ExecutionException, InterruptedException {
    String log =
        LogIdentity.of(clients, admin, List.of(Topic.EXECUTIONS))
            .getOrDefault(Topic.EXECUTIONS, "");
    Duration kept = settings.duration(Setting.FACTS_KEPT);
    // A snapshot waits until enough has changed, so some delay is nothing to worry about.
    Instant expected = now.minus(kept.multipliedBy(3).dividedBy(2)).minus(Duration.ofDays(1));
    FactCoverage coverage = FactCoverage.now(snapshots, log, clients, admin);
    List<String> old = new ArrayList<>();
    List<PartitionCoverage> coverages = new ArrayList<>();
    List<TopicPartition> partitions = LogPartitions.of(clients, admin, Topic.EXECUTIONS);
    Map<TopicPartition, ListOffsetsResultInfo> oldest =
        LogOffsets.recordsAt(admin, partitions, OffsetSpec.forTimestamp(0));
    Map<TopicPartition, Long> ends = LogOffsets.at(admin, partitions, OffsetSpec.latest());
    for (TopicPartition partition : partitions) {
      long end = ends.getOrDefault(partition, 0L);
      var its = new PartitionCoverage(partition, end, coverage.reaches(partition.partition()));
      coverages.add(its);
      ListOffsetsResultInfo first = oldest.get(partition);
      if (first != null && Instant.ofEpochMilli(first.timestamp()).isBefore(expected)) {
        old.add(
            partition
                + " has facts of "
                + Instant.ofEpochMilli(first.timestamp())
                + ", "
                + its.kept());
      }
    }
    List<String> lost =
        lost(new KnownSeries(snapshots, Owner.ROUTER, Topic.EXECUTIONS, log), partitions, ends);
    if (!lost.isEmpty()) {
      return Finding.doubtful(
          CHECK,
          String.join("; ", lost)
              + ": a router that has lost its shelf refuses to go on, until another is taken",
          "make "
              + snapshots.store().directory()
              + " available as it was, or set "
              + Setting.WITHOUT_SNAPSHOT.variable()
              + "=true to go on without what was"
              + " open or answered then");
    }
    return old.isEmpty()
        ? Finding.good(CHECK, summary(coverages) + "; facts stay " + Settings.inWords(kept))
        : Finding.doubtful(
            CHECK,
            String.join("; ", old),
            own.mendPart(
                    "look at nexus.log in its directory for what keeps them from it",
                    "start the services named")
                + "; an oracle says nothing while it waits for code");
  }

  /// How much of the log may go once it is old, and what is missing for the rest.
  private String summary(List<PartitionCoverage> partitions) {
    return PartitionCoverage.summary(partitions)
        + (partitions.stream().allMatch(PartitionCoverage::isCovered)
            ? ""
            : ": old facts can be deleted up to the older of two snapshots of router and projector"
                + " each; one is taken when enough has changed, every "
                + Settings.inWords(settings.duration(Setting.SNAPSHOT_EVERY))
                + " at most, and none is needed before facts are old");
  }

  /// Partitions of which facts were deleted and nothing has what followed from them.
  private List<String> lost(
      KnownSeries router, List<TopicPartition> partitions, Map<TopicPartition, Long> ends)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> begins = LogOffsets.at(admin, partitions, OffsetSpec.earliest());
    List<String> lost = new ArrayList<>();
    for (var entry : begins.entrySet()) {
      TopicPartition partition = entry.getKey();
      long begin = entry.getValue();
      Long end = ends.get(partition);
      if (begin > 0 && end != null && router.newest(partition.partition(), begin, end).isEmpty()) {
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
}
