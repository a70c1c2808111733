package dev.nexus.command.retention;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.SnapshotSeries;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;

/// A process that takes snapshots of two owners as fast as it can and deletes the facts that they
/// cover, until somebody kills it. Arguments: the settings as NAME=VALUE.
final class SnapshotLoop {
  static final String LOG = "log";
  static final Duration KEPT = Duration.ofSeconds(5);
  static final String BEGUN = "begun";

  private SnapshotLoop() {}

  static SnapshotSeries series(Snapshots snapshots, Owner owner) {
    return new SnapshotSeries(snapshots, owner, Topic.EXECUTIONS, LOG);
  }

  public static void main(String[] arguments) {
    Map<String, String> named = new java.util.HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      named.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    Settings settings = Settings.of(named);
    KafkaClients clients = new KafkaClients(settings);
    EventProducer producer = new EventProducer(clients, "snapshot-loop");
    Clock clock = Clock.systemUTC();
    var deadLetters = new DeadLetters(producer, "snapshot-loop", clock);
    Snapshots snapshots =
        SnapshotModule.follow(clients, producer, deadLetters, settings, "snapshot-loop", clock);
    snapshots.awaitCaughtUp(Duration.ofMinutes(2));
    new FactRetention(clients, snapshots, LOG, new FactRetention.Limits(KEPT, 0), clock).start();
    System.out.println(BEGUN);
    while (true) {
      take(clients, snapshots);
    }
  }

  /// The next one of each owner, some facts further than the last.
  private static void take(KafkaClients clients, Snapshots snapshots) {
    var facts = new TopicPartition(clients.name(Topic.EXECUTIONS), 0);
    long end;
    try (var consumer = clients.assignedConsumer("snapshot-loop")) {
      end = consumer.endOffsets(List.of(facts)).getOrDefault(facts, 0L);
    }
    int oracles;
    try (var consumer = clients.assignedConsumer("snapshot-loop")) {
      oracles = consumer.partitionsFor(clients.name(Topic.EVIDENCE)).size();
    }
    long last = 0;
    for (Owner owner : List.of(Owner.ROUTER, Owner.PROJECTOR)) {
      SnapshotSeries series = series(snapshots, owner);
      last = series.newest(0, 0, end, (_, _) -> false).map(taken -> taken.next()).orElse(0L);
      byte[] content = new byte[1 << 16];
      new Random(last).nextBytes(content);
      series.take(
          0,
          0,
          Math.min(end, last + 7),
          Optional.empty(),
          entries -> {
            for (int i = 0; i < 40; i++) {
              entries.put(new byte[] {(byte) i}, content);
            }
          });
    }
    for (int oracle = 0; oracle < oracles; oracle++) {
      snapshots.announce(
          new PositionCovered(
              Owner.oracle(oracle).name(), Topic.EXECUTIONS.topicName(), 0, last, LOG));
    }
  }
}
