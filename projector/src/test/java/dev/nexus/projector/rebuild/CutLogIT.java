package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.projector.Running;
import dev.nexus.projector.Story;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A log that loses its end with the power and grows past it again while no projector looks. The
/// end is cut off the files of a broker that is down, which then recovers as after kill -9.
class CutLogIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// Bytes of a batch before those that its length counts.
  private static final int HEAD = 12;

  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  @TempDir Path directory;
  private EmbeddedBroker broker;
  private KafkaClients clients;

  @BeforeEach
  void begin() {
    redis.clear();
    start(0);
    new TopicTable(clients, new Profile(1, 1, 1, 1, 1), false).create();
  }

  private void start(int port) {
    broker = EmbeddedBroker.start(directory.resolve("kafka"), port);
    clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
  }

  @AfterEach
  void end() {
    broker.close();
  }

  private Running running() {
    return new Running(clients, redis.client(), Running.all(1_000), directory.resolve("snapshots"));
  }

  private void project(String instance) {
    try (Running running = running()) {
      running.start(instance);
      assertEqual(running);
    }
  }

  private static void assertEqual(Running running) {
    Verification verification = running.verify();
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.notCompared()).isEmpty();
  }

  /// Facts of some executions, one after the other.
  private static List<Event<ExecutionEvent>> facts(String name, int executions) {
    return IntStream.range(0, executions)
        .mapToObj(i -> Story.of(name + i).answeredByModel("classify", "1").truth("1").facts())
        .flatMap(List::stream)
        .toList();
  }

  /// Each in a batch of its own.
  private void write(List<Event<ExecutionEvent>> facts) {
    try (Running running = running()) {
      facts.forEach(fact -> running.write(List.of(fact)));
    }
  }

  private StoredPosition.At stored() {
    var facts = new Slot(clients.name(Topic.EXECUTIONS), 0);
    try (var store = new ProjectionStore(redis.client(), "test")) {
      return (StoredPosition.At) store.position(facts);
    }
  }

  /// Puts what is read in the place of what an interrupted rebuild left, beside a generation that
  /// nobody has come far with.
  private void leaveAsShadow() {
    var facts = new Slot(clients.name(Topic.EXECUTIONS), 0);
    String live = facts.positionName(Track.LIVE);
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      sync.hset(facts.positionName(Track.SHADOW), sync.hgetall(live));
      sync.hset(live, Map.of("generation", "00000000001", "next", "0"));
      sync.hdel(live, "last", "by");
    }
  }

  private long logEnd() {
    var facts = new TopicPartition(clients.name(Topic.EXECUTIONS), 0);
    try (var consumer = clients.assignedConsumer("cut-log-it")) {
      return consumer.endOffsets(List.of(facts)).getOrDefault(facts, -1L);
    }
  }

  /// Has the broker come back without the newer half of the batches of facts.
  private void losePower() throws IOException {
    broker.close();
    cut();
    start(broker.port());
  }

  private void cut() throws IOException {
    Path log = directory.resolve("kafka");
    Files.delete(log.resolve(".kafka_cleanshutdown"));
    Path partition = log.resolve(clients.name(Topic.EXECUTIONS) + "-0");
    Path segment = partition.resolve("00000000000000000000.log");
    ByteBuffer batches = ByteBuffer.wrap(Files.readAllBytes(segment));
    int at = 0;
    while (at < batches.capacity() / 2) {
      at += HEAD + batches.getInt(at + 8);
    }
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      file.truncate(at);
    }
    try (Stream<Path> files = Files.list(partition)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".snapshot")).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void shouldFoldAgainWhatGrewPastThePlaceOfWhatWasLost() throws IOException {
    // Given what is shown of a log that then loses its end
    write(facts("first", 10));
    project("a");
    long shown = logEnd();
    StoredPosition.At before = stored();
    losePower();
    assertThat(logEnd()).isLessThan(shown);

    // When others have been written past that place before anybody looks
    write(facts("other", 10));
    assertThat(logEnd()).isGreaterThan(shown);
    project("b");

    // Then what is shown is what the log has
    assertThat(stored().mark().generation()).isGreaterThan(before.mark().generation());
    assertThat(stored().mark().next()).isEqualTo(logEnd());
  }

  private static List<SnapshotTaken> kept(Running running) {
    return running.snapshots().index().kept(Owner.PROJECTOR, Topic.EXECUTIONS, 0);
  }

  @Test
  void shouldNotFillAnEmptyStoreFromASnapshotOfWhatWasLost() throws IOException {
    // Given a snapshot of a log that then loses its end
    write(facts("first", 10));
    try (Running running = running();
        SnapshotTaker taker = running.taker("taker", Duration.ofMillis(200))) {
      taker.start();
      Eventually.holds(PATIENCE, () -> assertThat(kept(running)).hasSize(1));
    }
    long covered = logEnd();
    losePower();
    assertThat(logEnd()).isLessThan(covered);

    // When others have been written past that place, and nothing is stored
    write(facts("other", 10));
    assertThat(logEnd()).isGreaterThan(covered);
    redis.clear();
    project("b");

    // Then what is shown is what the log has, and the snapshot is taken back
    assertThat(stored().mark().next()).isEqualTo(logEnd());
    try (Running running = running()) {
      running.snapshots().awaitCaughtUp(PATIENCE);
      assertThat(kept(running)).isEmpty();
    }
  }

  @Test
  void shouldTellByTheEpochWhenTheLastFactStandsWhereItStood() throws IOException {
    // Given
    List<Event<ExecutionEvent>> facts = facts("first", 10);
    write(facts);
    project("a");
    StoredPosition.At before = stored();
    losePower();

    // When
    int kept = Math.toIntExact(logEnd());
    assertThat(kept).isLessThan(facts.size());
    write(facts.subList(kept, facts.size()));
    project("b");

    // Then
    assertThat(stored().last().orElseThrow().epoch())
        .isGreaterThan(before.last().orElseThrow().epoch());
    assertThat(stored().mark().generation()).isGreaterThan(before.mark().generation());
  }

  @Test
  void shouldNoticeItWhileItRunsAndHasReadNothingYet() throws IOException {
    // Given a projector that found everything folded
    write(facts("first", 10));
    project("a");
    String before = stored().mark().generation();
    try (Running watching = running()) {
      watching.start("b");

      // When the log loses its end, and grows where the projector does not see it
      int port = broker.port();
      broker.close();
      cut();
      start(0);
      write(facts("other", 10));
      broker.close();
      start(port);
      assertThat(broker.port()).isEqualTo(port);

      // Then
      Eventually.holds(
          PATIENCE, () -> assertThat(stored().mark().generation()).isGreaterThan(before));
      assertEqual(watching);
    }
  }

  @Test
  void shouldNotGoOnWithAShadowOfWhatWasLost() throws IOException {
    // Given
    write(facts("first", 10));
    project("a");
    String shadow = stored().mark().generation();
    leaveAsShadow();
    losePower();
    write(facts("other", 10));

    // When nobody folds what is read
    try (Running running = running()) {
      Rebuilds rebuilds = running.rebuilds("b");
      rebuilds.begin(Set.of("executions"));
      Eventually.value(PATIENCE, rebuilds::status, s -> s.state() == State.DONE, "its end");
    }

    // Then
    assertThat(stored().mark().generation()).isGreaterThan(shadow);
    project("c");
    assertThat(stored().mark().next()).isEqualTo(logEnd());
  }

  @Test
  void shouldGoOnWhereItStoodWhenNothingWasLost() {
    // Given
    write(facts("first", 10));
    project("a");
    StoredPosition.At before = stored();

    // When the broker begins anew and the log grows
    broker.close();
    start(broker.port());
    write(facts("other", 2));
    project("b");

    // Then
    assertThat(stored().mark().generation()).isEqualTo(before.mark().generation());
    assertThat(stored().mark().next()).isEqualTo(logEnd());
  }
}
