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
import dev.nexus.projector.live.Gap;
import dev.nexus.projector.live.Listener;
import dev.nexus.projector.live.LiveFeed;
import dev.nexus.projector.live.LiveFilter;
import dev.nexus.projector.live.StreamPosition;
import dev.nexus.projector.live.StreamPosition.Part;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A log that loses its end with the power and grows past it again while no projector looks, and no
/// client of the live stream. The end is cut off the files of a broker that is down, which then
/// recovers as after kill -9.
class CutLogIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration WAIT = Duration.ofMillis(200);
  private static final Part FACTS = new Part(Topic.EXECUTIONS, 0);
  private static final Gap ONE_END_LOST = new Gap(0, 1);
  private static final Gap NOTHING_MISSED = new Gap(0, 0);

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

  private LiveFeed feed() {
    return new LiveFeed(clients, (fact, offset) -> Optional.of(""));
  }

  private static Listener listen(LiveFeed feed, Optional<StreamPosition> from) {
    var everything = new LiveFilter(Story.TENANT, "", "", Set.of(), app -> true);
    Listener listener = feed.listen("key", everything, from);
    listener.open();
    return listener;
  }

  /// The places of the facts up to the log's end, as the listener hears them.
  private List<Long> heard(Listener listener) {
    List<Long> places = new ArrayList<>();
    long end = logEnd();
    Eventually.value(
        PATIENCE,
        () -> {
          listener.next(WAIT).ifPresent(heard -> places.add(heard.fact().offset()));
          return listener.position().next().getOrDefault(FACTS, -1L);
        },
        next -> next == end,
        "the end of the log");
    return places;
  }

  /// The last ids of two clients of the live stream: one heard everything, one only that the stream
  /// is open.
  private List<String> idsBehind(List<Event<ExecutionEvent>> facts) {
    List<String> ids = new ArrayList<>();
    LiveFeed hearing = feed();
    try (Listener listener = listen(hearing, Optional.empty())) {
      write(facts);
      assertThat(heard(listener)).hasSameSizeAs(facts);
      ids.add(listener.position().toString());
    } finally {
      hearing.close();
    }
    LiveFeed silent = feed();
    try (Listener listener = listen(silent, Optional.empty())) {
      ids.add(listener.position().toString());
    } finally {
      silent.close();
    }
    return ids;
  }

  /// What a client hears that comes back with an id, up to the log's end, and its last id then.
  private record Back(Gap gap, List<Long> places, String id) {}

  private Back comeBack(String id) {
    LiveFeed feed = feed();
    try (Listener listener = listen(feed, Optional.of(StreamPosition.parse(id)))) {
      List<Long> places = heard(listener);
      return new Back(listener.gap(), places, listener.position().toString());
    } finally {
      feed.close();
    }
  }

  private static List<Long> places(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  @Test
  void shouldTellAClientOfTheStreamWhatItMissesWhereTheLogGrewPastItsPosition() throws IOException {
    // Given clients that heard of a log that then loses its end
    List<String> ids = idsBehind(facts("first", 10));
    long position = logEnd();
    losePower();
    long cut = logEnd();
    assertThat(cut).isLessThan(position);

    // When one comes back before anything is written
    List<Back> early = ids.stream().map(this::comeBack).toList();
    Back offsetsOnly = comeBack("x0:" + position + ",p0:0");

    // Then
    assertThat(early)
        .allSatisfy(back -> assertThat(back.gap()).isEqualTo(ONE_END_LOST))
        .allSatisfy(back -> assertThat(back.places()).isEmpty());
    assertThat(offsetsOnly.gap()).isEqualTo(ONE_END_LOST);

    // When others have been written past the position
    write(facts("other", 10));
    assertThat(logEnd()).isGreaterThan(position);

    // Then who comes now is told, once, and hears what is behind its position
    for (String id : ids) {
      Back late = comeBack(id);
      assertThat(late.gap()).as(id).isEqualTo(ONE_END_LOST);
      assertThat(late.places()).isEqualTo(places(position, logEnd()));
      assertThat(comeBack(late.id()).gap()).isEqualTo(NOTHING_MISSED);
    }

    // And who was told before hears all that came
    for (Back back : early) {
      Back again = comeBack(back.id());
      assertThat(again.gap()).as(back.id()).isEqualTo(NOTHING_MISSED);
      assertThat(again.places()).isEqualTo(places(cut, logEnd()));
    }
  }

  @Test
  void shouldTellAClientOfTheStreamByTheEpochWhenItsLastFactStandsWhereItStood()
      throws IOException {
    // Given
    List<Event<ExecutionEvent>> facts = facts("first", 10);
    List<String> ids = idsBehind(facts);
    losePower();

    // When
    int kept = Math.toIntExact(logEnd());
    assertThat(kept).isLessThan(facts.size());
    write(facts.subList(kept, facts.size()));

    // Then
    assertThat(ids).allSatisfy(id -> assertThat(comeBack(id).gap()).isEqualTo(ONE_END_LOST));
  }

  @Test
  void shouldTellAClientOfTheStreamOfNoGapWhenNothingWasLost() {
    // Given
    List<String> ids = idsBehind(facts("first", 10));
    long position = logEnd();

    // When the broker begins anew and the log grows
    broker.close();
    start(broker.port());
    write(facts("other", 2));

    // Then
    for (String id : ids) {
      Back back = comeBack(id);
      assertThat(back.gap()).as(id).isEqualTo(NOTHING_MISSED);
      assertThat(back.places()).isEqualTo(places(position, logEnd()));
    }
  }

  @Test
  void shouldSendAwayWhoListensWhileTheLogLosesItsEnd() throws IOException {
    // Given a client that hears that the stream is open, and nothing more
    write(facts("first", 10));
    LiveFeed feed = feed();
    try (Listener listener = listen(feed, Optional.empty())) {
      String id = listener.position().toString();

      // When the log loses its end, and grows where nobody sees it
      int port = broker.port();
      broker.close();
      cut();
      start(0);
      write(facts("other", 10));
      broker.close();
      start(port);

      // Then
      Eventually.holds(
          PATIENCE,
          () ->
              assertThat(listener.dropped()).isEqualTo("the log has lost its end; connect again"));
      assertThat(listener.position()).hasToString(id);
      assertThat(comeBack(id).gap()).isEqualTo(ONE_END_LOST);
    } finally {
      feed.close();
    }
  }
}
