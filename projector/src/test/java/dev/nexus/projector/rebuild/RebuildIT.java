package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.http.ProblemException;
import dev.nexus.projector.Running;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A rebuild beside live traffic: what it changes, and what is left of it however it ends.
class RebuildIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LIVE_EVERY = Duration.ofMillis(30);
  private static final Set<String> EXECUTIONS = Set.of("executions");
  private static final int PARTITION = 1;

  /// Executions, of seven facts each, that take a gate several seconds.
  private static final int FAR = 1_000;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  @TempDir Path directory;
  private final Gate gate = new Gate();
  private Running running;

  @BeforeEach
  void begin() {
    redis.clear();
    running = new Running(broker.clients(), redis.client(), 1_000);
  }

  @AfterEach
  void end() {
    gate.open();
    running.close();
    try (var connection = redis.client().connect()) {
      connection.sync().configSet("maxmemory", "0");
    }
  }

  /// Rebuilds that take seconds, until the gate is opened.
  private Rebuilds slow(String instance) {
    return slow(instance, MachineMemory.here());
  }

  private Rebuilds slow(String instance, MachineMemory machine) {
    return running.rebuilds(instance, gate::before, machine);
  }

  /// A machine that can give so much more memory.
  private MachineMemory machineWith(long bytes) throws IOException {
    Path file = directory.resolve("meminfo");
    Files.writeString(file, "MemTotal: 16000000 kB\nMemAvailable: " + bytes / 1_024 + " kB\n");
    return MachineMemory.in(file);
  }

  private static Slot slot() {
    return slot(PARTITION);
  }

  private static Slot slot(int partition) {
    return new Slot(broker.clients().name(Topic.EXECUTIONS), partition);
  }

  private static Optional<Mark> mark(Slot slot, Track track) {
    try (var connection = redis.client().connect()) {
      connection.setTimeout(PATIENCE); // a machine that stands still for seconds is no fault here
      Map<String, String> stored = connection.sync().hgetall(slot.positionName(track));
      String generation = stored.getOrDefault("generation", "");
      return Optional.ofNullable(stored.get("next"))
          .map(next -> new Mark(generation, Long.parseLong(next)));
    }
  }

  private static String generation(Track track) {
    return mark(slot(), track).map(Mark::generation).orElse("");
  }

  /// What each partition is read from.
  private static List<String> generations() {
    return IntStream.range(0, BrokerExtension.SPREAD.executionPartitions())
        .mapToObj(partition -> mark(slot(partition), Track.LIVE).map(Mark::generation).orElse(""))
        .toList();
  }

  private static RebuildStatus await(Rebuilds rebuilds, State... wanted) {
    return Eventually.value(
        PATIENCE, rebuilds::status, s -> List.of(wanted).contains(s.state()), "the rebuild's end");
  }

  private void assertEqual(long records) {
    Verification verification = running.verify();
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.notCompared()).isEmpty();
    assertThat(verification.records()).isEqualTo(records);
  }

  /// Adds one to a counter, which no fold would.
  private void spoil() {
    try (var connection = redis.client().connect()) {
      String name = "default:{" + slot() + "}:" + generation(Track.LIVE) + ":c/triage/classify";
      connection.sync().hincrby(name, "accepted", 1);
    }
  }

  @Test
  void shouldReplaceWhatIsReadWhileTwoProjectorsWrite() {
    // Given
    running.start("a");
    running.start("b");
    running.writeStories("before", 400);
    assertEqual(2_800);
    spoil();
    assertThat(running.verify().equal()).isFalse();
    String before = generation(Track.LIVE);
    AtomicBoolean going = new AtomicBoolean(true);
    var writing =
        CompletableFuture.supplyAsync(
            () -> {
              int rounds = 0;
              while (going.get()) {
                running.writeStories("live" + rounds++, 20);
                LockSupport.parkNanos(LIVE_EVERY.toNanos());
              }
              return rounds;
            });
    // When
    Rebuilds rebuilds = running.rebuilds("c");
    rebuilds.begin(Set.of());
    RebuildStatus status = await(rebuilds, State.SWEEPING, State.DONE, State.FAILED);
    going.set(false);
    // Then
    assertThat(status.reason()).isEmpty();
    assertThat(generation(Track.LIVE)).isGreaterThan(before);
    assertThat(generation(Track.SHADOW)).isEmpty();
    assertEqual(2_800 + writing.join() * 140L);
    assertThat(await(rebuilds, State.DONE).parts())
        .allSatisfy(part -> assertThat(part.switched()).isEqualTo(part.partitions()));
    try (var connection = redis.client().connect()) {
      assertThat(connection.sync().keys("*/1}:" + before + ":*")).isEmpty();
    }
  }

  /// The others are near the end of the log from the first: they have little.
  @Test
  void shouldSwitchNoPartitionBeforeTheLastHasCaughtUp() {
    // Given
    running.start("a");
    running.writeStories("one", 40);
    running.writeStoriesOn(PARTITION, FAR);
    assertEqual(280 + 7 * FAR);
    List<String> before = generations();
    Rebuilds rebuilds =
        running.rebuilds("b", fold -> gate.before(fold, PARTITION), MachineMemory.here());
    // When
    rebuilds.begin(EXECUTIONS);
    Eventually.value(PATIENCE, () -> mark(slot(0), Track.SHADOW), Optional::isPresent, "a shadow");
    // Then
    Eventually.stays(Duration.ofSeconds(2), () -> assertThat(generations()).isEqualTo(before));
    assertThat(mark(slot(), Track.SHADOW).orElseThrow().next())
        .as("the one that lags")
        .isLessThan(7 * FAR - 2_000);
    assertThat(rebuilds.status().parts()).allSatisfy(part -> assertThat(part.switched()).isZero());
    // When
    gate.open();
    // Then
    await(rebuilds, State.SWEEPING, State.DONE);
    List<String> after = generations();
    for (int partition = 0; partition < after.size(); partition++) {
      assertThat(after.get(partition)).isGreaterThan(before.get(partition));
    }
    assertEqual(280 + 7 * FAR);
  }

  @Test
  void shouldGoOnWithWhatAnEndedRebuildLeft() {
    // Given
    running.start("a");
    running.writeStories("one", 800);
    assertEqual(5_600);
    String before = generation(Track.LIVE);
    Rebuilds first = slow("b");
    first.begin(EXECUTIONS);
    String shadow =
        Eventually.value(PATIENCE, () -> generation(Track.SHADOW), s -> !s.isEmpty(), "a shadow");
    // When
    first.close();
    // Then
    await(first, State.INTERRUPTED);
    assertThat(generation(Track.LIVE)).isEqualTo(before);
    assertThat(generation(Track.SHADOW)).isEqualTo(shadow);
    assertEqual(5_600);
    Rebuilds second = running.rebuilds("c");
    second.begin(EXECUTIONS);
    RebuildStatus status = await(second, State.SWEEPING, State.DONE);
    assertThat(status.parts())
        .allSatisfy(part -> assertThat(part.resumed()).isEqualTo(part.began()))
        .allSatisfy(part -> assertThat(part.snapshots()).isZero());
    assertThat(generation(Track.LIVE)).as("it goes on with the same").isEqualTo(shadow);
    assertEqual(5_600);
  }

  @Test
  void shouldLetOneRebuildAtATime() {
    // Given
    running.start("a");
    running.writeStories("one", 300);
    assertEqual(2_100);
    Rebuilds first = slow("b");
    Rebuilds second = running.rebuilds("c");
    // When
    first.begin(EXECUTIONS);
    // Then
    assertThatThrownBy(() -> second.begin(EXECUTIONS))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().kind()).isEqualTo("rebuild-running"));
    assertThat(second.status().instance()).isEqualTo("b");
  }

  @Test
  void shouldRefuseWhatRedisHasNoRoomFor() {
    // Given
    running.start("a");
    running.writeStories("one", 1_000);
    assertEqual(7_000);
    try (var connection = redis.client().connect()) {
      String used =
          connection
              .sync()
              .info("memory")
              .lines()
              .filter(line -> line.startsWith("used_memory:"))
              .findFirst()
              .orElseThrow()
              .substring("used_memory:".length());
      connection
          .sync()
          .configSet("maxmemory", Long.toString(Long.parseLong(used.strip()) + 500_000));
    }
    // When
    Rebuilds rebuilds = running.rebuilds("b");
    // Then
    assertThatThrownBy(() -> rebuilds.begin(EXECUTIONS))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo("redis-too-small");
              assertThat(e.problem().detail()).contains("left of its maxmemory");
            });
    assertThat(generation(Track.SHADOW)).isEmpty();
  }

  /// The usual case: a Redis without a limit of its own, on this machine.
  @Test
  void shouldRefuseWhatTheMachineHasNoMemoryFor() throws Exception {
    // Given
    running.start("a");
    running.writeStories("one", 300);
    assertEqual(2_100);
    // When
    Rebuilds rebuilds = slow("b", machineWith(20_000));
    // Then
    assertThatThrownBy(() -> rebuilds.begin(EXECUTIONS))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo("redis-too-small");
              assertThat(e.problem().detail()).contains("left of the memory of its machine");
            });
    assertThat(generation(Track.SHADOW)).isEmpty();
    assertThat(running.rebuilds("c").status().state()).isEqualTo(State.NONE);
  }

  @Test
  void shouldGiveItselfUpWhenMemoryRunsOutMidway() throws Exception {
    // Given a rebuild under way for which there was room
    running.start("a");
    running.writeStories("one", 1_000);
    assertEqual(7_000);
    String before = generation(Track.LIVE);
    Rebuilds rebuilds = slow("b", machineWith(1L << 40));
    rebuilds.begin(EXECUTIONS);
    Eventually.value(PATIENCE, () -> generation(Track.SHADOW), s -> !s.isEmpty(), "a shadow");
    // When
    machineWith(1 << 20);
    // Then
    RebuildStatus status = await(rebuilds, State.FAILED);
    assertThat(status.reason()).contains("bytes left of the memory of its machine");
    assertThat(generation(Track.LIVE)).isEqualTo(before);
    assertThat(generation(Track.SHADOW)).isEmpty();
    assertEqual(7_000);
    // When there is memory again
    gate.open();
    machineWith(1L << 40);
    rebuilds.begin(EXECUTIONS);
    // Then
    await(rebuilds, State.SWEEPING, State.DONE);
    assertThat(generation(Track.LIVE)).isGreaterThan(before);
    assertEqual(7_000);
  }

  @Test
  void shouldLeaveNothingWhenItIsStopped() {
    // Given
    running.start("a");
    running.writeStories("one", 800);
    assertEqual(5_600);
    String before = generation(Track.LIVE);
    Rebuilds rebuilds = slow("b");
    rebuilds.begin(EXECUTIONS);
    Eventually.value(PATIENCE, () -> generation(Track.SHADOW), s -> !s.isEmpty(), "a shadow");
    // When
    RebuildStatus status = running.rebuilds("c").stop();
    // Then
    assertThat(status.state()).isEqualTo(State.STOPPED);
    assertThat(generation(Track.LIVE)).isEqualTo(before);
    assertThat(generation(Track.SHADOW)).isEmpty();
    assertEqual(5_600);
  }

  @Test
  void shouldLeaveNothingOfAnInterruptedOneThatIsGivenUp() {
    // Given
    running.start("a");
    running.writeStories("one", 800);
    assertEqual(5_600);
    String before = generation(Track.LIVE);
    Rebuilds rebuilds = slow("b");
    rebuilds.begin(EXECUTIONS);
    Eventually.value(PATIENCE, () -> generation(Track.SHADOW), s -> !s.isEmpty(), "a shadow");
    rebuilds.close();
    await(rebuilds, State.INTERRUPTED);
    // When
    RebuildStatus status = running.rebuilds("c").stop();
    // Then
    assertThat(status.state()).isEqualTo(State.STOPPED);
    assertThat(generation(Track.LIVE)).isEqualTo(before);
    assertThat(generation(Track.SHADOW)).isEmpty();
    assertEqual(5_600);
  }

  @Test
  void shouldEndWhenRedisIsWipedMeanwhile() {
    // Given
    running.start("a");
    running.writeStories("one", 1_000);
    assertEqual(7_000);
    Rebuilds rebuilds = running.rebuilds("b");
    rebuilds.begin(Set.of());
    // When
    redis.clear();
    // Then
    assertEqual(7_000);
    await(rebuilds, State.DONE, State.NONE);
    assertThat(generation(Track.SHADOW)).isEmpty();
    assertEqual(7_000);
  }

  @ParameterizedTest
  @CsvSource({"form, 2", "layout, 99"})
  void shouldSayThatANewerVersionHasToRebuildWhatThisOneDoesNotKnow(String field, String newer) {
    // Given what a newer version keeps
    var first = running.start("a");
    running.writeStories("one", 40);
    assertEqual(280);
    first.close();
    Rebuilds rebuilds = running.rebuilds("b");
    String before = generation(Track.LIVE);
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      String name = slot().positionName(Track.LIVE);
      Map<String, String> live = sync.hgetall(name);
      sync.hset(name, field, newer);
      Map<String, String> stored = sync.hgetall(name);

      // Then
      assertThatThrownBy(() -> rebuilds.begin(EXECUTIONS))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> {
                assertThat(e.problem().kind()).isEqualTo("rebuild-refused");
                assertThat(e.problem().detail())
                    .contains(slot().toString(), "newer version", field + " " + newer)
                    .endsWith("with that version");
              });
      assertThat(rebuilds.status().state()).isEqualTo(State.NONE);
      assertThat(sync.hgetall(name)).as("it is left alone").isEqualTo(stored);

      // When the newer version has given it up
      sync.del(name);
      sync.hset(name, live);
    }
    rebuilds.begin(EXECUTIONS);

    // Then
    await(rebuilds, State.SWEEPING, State.DONE);
    assertThat(generation(Track.LIVE)).isGreaterThan(before);
    assertEqual(280);
  }

  @Test
  void shouldStopWhatANewerVersionHasBegunAndRebuildThen() {
    // Given a rebuild of a newer version, which was killed, and this version again
    running.start("a");
    running.writeStories("one", 800);
    assertEqual(5_600);
    String before = generation(Track.LIVE);
    Rebuilds newer = slow("b");
    newer.begin(EXECUTIONS);
    String shadow =
        Eventually.value(PATIENCE, () -> generation(Track.SHADOW), s -> !s.isEmpty(), "a shadow");
    newer.close();
    await(newer, State.INTERRUPTED);
    gate.open();
    Rebuilds rebuilds = running.rebuilds("c");
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      String name = slot().positionName(Track.SHADOW);
      sync.hset(name, "form", "2");
      Map<String, String> begun = sync.hgetall(name);
      assertThatThrownBy(() -> rebuilds.begin(EXECUTIONS))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e ->
                  assertThat(e.problem().detail())
                      .contains(slot().toString(), "newer version", "form 2", "or stop it"));
      assertThat(sync.hgetall(name)).as("it is left alone").isEqualTo(begun);
      assertEqual(5_600);

      // When
      RebuildStatus stopped = rebuilds.stop();

      // Then
      assertThat(stopped.state()).isEqualTo(State.STOPPED);
      assertThat(sync.hgetall(name)).isEmpty();
      assertThat(sync.keys("*/1}:" + shadow + ":*")).isEmpty();
      assertThat(generation(Track.LIVE)).isEqualTo(before);
      assertEqual(5_600);
    }

    // When
    rebuilds.begin(EXECUTIONS);

    // Then
    await(rebuilds, State.SWEEPING, State.DONE);
    assertThat(generation(Track.LIVE)).isGreaterThan(shadow);
    assertEqual(5_600);
  }
}
