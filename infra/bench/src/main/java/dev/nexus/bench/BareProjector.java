package dev.nexus.bench;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.Projections;
import dev.nexus.projector.rebuild.MachineMemory;
import dev.nexus.projector.rebuild.Rebuilds;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.ProjectionReader;
import dev.nexus.topic.Topic;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;

/// The projector of executions without the rest of a platform.
final class BareProjector implements AutoCloseable {
  /// Nobody reads here, so what a rebuild replaced need not stay for long.
  private static final Duration READ_ON = Duration.ofMillis(300);

  private final KafkaClients clients;
  private final Progress progress;
  private final EventProducer producer;
  private final Snapshots snapshots;
  private final ProjectionReader reader;
  private final Rebuilds rebuilds;

  BareProjector(KafkaClients clients, RedisClient redis, String instance) {
    this.clients = clients;
    progress = new Progress(redis, instance);
    producer = new EventProducer(clients, instance);
    var settings = Settings.of(Map.of());
    var deadLetters = new DeadLetters(producer, instance, Clock.systemUTC());
    snapshots =
        SnapshotModule.follow(
            clients, producer, deadLetters, settings, instance, Clock.systemUTC());
    var projection =
        new Projection(
            Projections.executions(settings),
            new Projection.Parts(
                clients,
                redis,
                progress,
                deadLetters,
                snapshots,
                new SimpleMeterRegistry(),
                Clock.systemUTC(),
                instance));
    reader = new ProjectionReader(instance, projection);
    rebuilds = new Rebuilds(projection, MachineMemory.here(), READ_ON);
    reader.start();
  }

  /// Returns when everything that is on the log now is in Redis.
  void awaitFolded() {
    Map<TopicPartition, Long> ends;
    try (var consumer = clients.assignedConsumer("bench-ends")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(clients.name(Topic.EXECUTIONS)).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      ends = consumer.endOffsets(partitions);
    }
    while (!ends.entrySet().stream().allMatch(e -> folded(e.getKey()) >= e.getValue())) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private long folded(TopicPartition partition) {
    return progress
        .mark(new Slot(partition.topic(), partition.partition()))
        .map(Mark::next)
        .orElse(0L);
  }

  Rebuilds rebuilds() {
    return rebuilds;
  }

  @Override
  public void close() {
    rebuilds.close();
    reader.close();
    progress.close();
    snapshots.close();
    producer.close();
  }
}
