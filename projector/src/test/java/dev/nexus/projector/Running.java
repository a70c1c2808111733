package dev.nexus.projector;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.MachineMemory;
import dev.nexus.projector.rebuild.Rebuilds;
import dev.nexus.projector.rebuild.SnapshotTaker;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.projector.rebuild.Verifier;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.ProjectionReader;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;

/// Projectors of a test, each as in a process of its own, and a writer of facts.
public final class Running implements AutoCloseable {
  private static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Of this JVM alone, which runs one test at a time: what is left there is deleted.
  private static final Path SPILLED = temporary("nexus-verify");

  private final KafkaClients clients;
  private final RedisClient redis;
  private final EventProducer producer;
  private final List<Fold<?>> folds;
  private final Snapshots snapshots;
  private final List<ProjectionReader> readers = new ArrayList<>();
  private final List<Progress> progresses = new ArrayList<>();
  private final List<Rebuilds> rebuilding = new ArrayList<>();

  public Running(KafkaClients clients, RedisClient redis, int finishedKept) {
    this(clients, redis, all(finishedKept));
  }

  public Running(KafkaClients clients, RedisClient redis, List<Fold<?>> folds) {
    this(clients, redis, folds, temporary("nexus-snapshots"));
  }

  private static Path temporary(String name) {
    try {
      return Files.createTempDirectory(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param directory of the snapshots
  public Running(KafkaClients clients, RedisClient redis, List<Fold<?>> folds, Path directory) {
    this.clients = clients;
    this.redis = redis;
    this.producer = new EventProducer(clients, "test");
    this.folds = List.copyOf(folds);
    this.snapshots =
        new Snapshots(
                clients,
                producer,
                new DeadLetters(producer, "test", Clock.systemUTC()),
                new SnapshotStore(directory),
                "test",
                Clock.systemUTC())
            .start();
  }

  /// Every projection of a platform.
  public static List<Fold<?>> all(int finishedKept) {
    return Projections.all(
        Settings.of(java.util.Map.of())
            .with(Setting.PROJECTED_EXECUTIONS, Integer.toString(finishedKept)));
  }

  /// What the projections of one process are made with.
  private Projection.Parts parts(String instance) {
    return parts(instance, Clock.systemUTC());
  }

  private Projection.Parts parts(String instance, Clock clock) {
    Progress progress = new Progress(redis, instance);
    progresses.add(progress);
    return new Projection.Parts(
        clients,
        redis,
        progress,
        new DeadLetters(producer, instance, Clock.systemUTC()),
        snapshots,
        new SimpleMeterRegistry(),
        clock,
        instance);
  }

  public Snapshots snapshots() {
    return snapshots;
  }

  /// Starts a projector; `instance` must be its own.
  public ProjectionReader start(String instance) {
    var reader =
        new ProjectionReader("projector-" + instance, new Projection(folds, parts(instance)));
    readers.add(reader);
    reader.start();
    reader.awaitReady(Duration.ofMinutes(2));
    return reader;
  }

  /// Rebuilds as of a process of its own that folds nothing else.
  public Rebuilds rebuilds(String instance) {
    return rebuilds(instance, UnaryOperator.identity(), MachineMemory.here());
  }

  /// The same.
  ///
  /// @param gate in front of each fold
  /// @param machine that Redis is said to run on
  public Rebuilds rebuilds(String instance, UnaryOperator<Fold<?>> gate, MachineMemory machine) {
    return rebuilds(instance, gate, machine, Duration.ofMillis(500));
  }

  /// The same.
  ///
  /// @param readOn how long what was replaced stays
  public Rebuilds rebuilds(
      String instance, UnaryOperator<Fold<?>> gate, MachineMemory machine, Duration readOn) {
    Rebuilds rebuilds =
        new Rebuilds(
            new Projection(folds.stream().<Fold<?>>map(gate).toList(), parts(instance)),
            machine,
            readOn);
    rebuilding.add(rebuilds);
    return rebuilds;
  }

  /// Takes snapshots as a process of its own does; not started.
  public SnapshotTaker taker(String instance, Duration every) {
    return taker(instance, every, Clock.systemUTC());
  }

  /// The same.
  ///
  /// @param clock by which records have their age
  public SnapshotTaker taker(String instance, Duration every, Clock clock) {
    return new SnapshotTaker(
        new Projection(folds, parts(instance, clock)), SPILLED.resolve(instance), every);
  }

  /// Returns when the log has the facts.
  public void write(List<Event<ExecutionEvent>> facts) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (var fact : facts) {
      var envelope = fact.envelope();
      sent.add(
          producer.send(CODEC, Keys.execution(envelope.tenantId(), envelope.execution()), fact));
    }
    sent.forEach(CompletableFuture::join);
  }

  /// Executions answered in turn by a model and by code, with their truths, interleaved.
  public void writeStories(String name, int count) {
    List<Story> stories = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Story story = Story.of(name + i, "triage", Story.BEGIN.plusMillis(i));
      stories.add(
          i % 3 == 0
              ? story.answeredByCode("classify", "{\"n\":" + i + "}").truth("{\"n\":0}")
              : story.answeredByModel("classify", "1").truth("1"));
    }
    writeInterleaved(stories);
  }

  /// Executions that stand on one partition, answered by a model, interleaved.
  public void writeStoriesOn(int partition, int count) {
    writeInterleaved(
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> Story.of("on" + partition + "-" + i))
            .filter(story -> partition(story) == partition)
            .limit(count)
            .map(story -> story.answeredByModel("classify", "1").truth("1"))
            .toList());
  }

  private static int partition(Story story) {
    byte[] key = Keys.execution(Story.TENANT, story.id()).getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % BrokerExtension.SPREAD.executionPartitions();
  }

  /// Seven facts of each.
  private void writeInterleaved(List<Story> stories) {
    List<Event<ExecutionEvent>> facts = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      for (Story story : stories) {
        facts.add(story.facts().get(i));
      }
    }
    write(facts);
  }

  public Verification verify() {
    return new Verifier(clients, redis, folds, snapshots, SPILLED).verify(Duration.ofMinutes(2));
  }

  public EventProducer producer() {
    return producer;
  }

  @Override
  public void close() {
    rebuilding.forEach(Rebuilds::close);
    readers.reversed().forEach(ProjectionReader::close);
    progresses.forEach(Progress::close);
    snapshots.close();
    producer.close();
  }
}
