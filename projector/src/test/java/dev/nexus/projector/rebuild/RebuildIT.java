package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.http.ProblemException;
import dev.nexus.projector.Running;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A rebuild beside live traffic: what it changes, and what is left of it however it ends.
class RebuildIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LIVE_EVERY = Duration.ofMillis(30);
  private static final Set<String> EXECUTIONS = Set.of("executions");

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  private Running running;

  @BeforeEach
  void begin() {
    redis.clear();
    running = new Running(broker.clients(), redis.client(), 1_000);
  }

  @AfterEach
  void end() {
    running.close();
    try (var connection = redis.client().connect()) {
      connection.sync().configSet("maxmemory", "0");
    }
  }

  private Slot slot() {
    return new Slot(broker.clients().name(Topic.EXECUTIONS), 1);
  }

  private String generation(Track track) {
    try (var store = new ProjectionStore(redis.client(), "test")) {
      return store.position(slot(), track) instanceof StoredPosition.At at
          ? at.mark().generation()
          : "";
    }
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

  @Test
  void shouldGoOnWithWhatAnEndedRebuildLeft() {
    // Given
    running.start("a");
    running.writeStories("one", 1_500);
    assertEqual(10_500);
    String before = generation(Track.LIVE);
    Rebuilds first = running.rebuilds("b");
    first.begin(EXECUTIONS);
    Eventually.value(PATIENCE, () -> generation(Track.SHADOW), s -> !s.isEmpty(), "a shadow");
    // When
    first.close();
    RebuildStatus left = first.status();
    // Then
    if (left.state() == State.INTERRUPTED) {
      assertThat(generation(Track.LIVE)).isEqualTo(before);
      assertEqual(10_500);
    }
    Rebuilds second = running.rebuilds("c");
    second.begin(EXECUTIONS);
    await(second, State.SWEEPING, State.DONE);
    assertThat(generation(Track.LIVE)).isGreaterThan(before);
    assertEqual(10_500);
  }

  @Test
  void shouldLetOneRebuildAtATime() {
    // Given
    running.start("a");
    running.writeStories("one", 300);
    assertEqual(2_100);
    Rebuilds first = running.rebuilds("b");
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

  @Test
  void shouldLeaveNothingWhenItIsStopped() {
    // Given
    running.start("a");
    running.writeStories("one", 1_500);
    assertEqual(10_500);
    String before = generation(Track.LIVE);
    Rebuilds rebuilds = running.rebuilds("b");
    rebuilds.begin(EXECUTIONS);
    rebuilds.close();
    boolean left = !generation(Track.SHADOW).isEmpty();
    // When
    RebuildStatus status = running.rebuilds("c").stop();
    // Then
    if (left) {
      assertThat(status.state()).isEqualTo(State.STOPPED);
      assertThat(generation(Track.LIVE)).isEqualTo(before);
    }
    assertThat(generation(Track.SHADOW)).isEmpty();
    assertEqual(10_500);
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
}
