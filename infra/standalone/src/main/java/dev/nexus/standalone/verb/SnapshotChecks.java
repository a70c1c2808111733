package dev.nexus.standalone.verb;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.Owner;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
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
    List<String> owners = owners();
    List<String> old = new ArrayList<>();
    int covered = 0;
    Map<TopicPartition, ListOffsetsResultInfo> oldest = oldest();
    for (var entry : oldest.entrySet()) {
      int partition = entry.getKey().partition();
      List<String> silent =
          owners.stream()
              .filter(owner -> snapshots.covered(owner, Topic.EXECUTIONS, partition, log).isEmpty())
              .toList();
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
    String all = covered + " of " + oldest.size() + " partitions covered by all owners";
    return old.isEmpty()
        ? Finding.good("snapshots", all + ", facts stay " + kept.toHours() + " h")
        : Finding.doubtful(
            "snapshots",
            String.join("; ", old),
            "start the services named; an oracle says nothing while it waits for code");
  }

  private List<String> owners() throws ExecutionException, InterruptedException {
    int oracles = partitions(Topic.EVIDENCE).size();
    List<String> owners = new ArrayList<>(List.of(Owner.ROUTER, Owner.PROJECTOR));
    IntStream.range(0, oracles).mapToObj(Owner::oracle).forEach(owners::add);
    return owners;
  }

  private Map<TopicPartition, ListOffsetsResultInfo> oldest()
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions(Topic.EXECUTIONS).forEach(p -> asked.put(p, OffsetSpec.forTimestamp(0)));
    return admin.listOffsets(asked).all().get();
  }

  private List<TopicPartition> partitions(Topic topic)
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
}
