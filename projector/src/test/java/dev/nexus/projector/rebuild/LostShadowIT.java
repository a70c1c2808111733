package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.projector.Running;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.RedisCopy;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A rebuild that loses what it has built, or its lease, without being told: what is read stays,
/// and nobody says that it was rebuilt.
class LostShadowIT {
  private static final Set<String> EXECUTIONS = Set.of("executions");
  private static final int STORIES = 800;
  private static final int FACTS = 7 * STORIES;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  private static FaultReport report;

  private final Gate gate = new Gate();
  private Running running;
  private String read;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("LostShadowIT");
  }

  @BeforeEach
  void begin() {
    redis.clear();
    running = new Running(broker.clients(), redis.client(), 1_000);
    running.start("a");
    running.writeStories("one", STORIES);
    assertEqual();
    read = generation(Track.LIVE);
  }

  @AfterEach
  void end() {
    gate.open();
    running.close();
  }

  private static Slot slot() {
    return new Slot(broker.clients().name(Topic.EXECUTIONS), 1);
  }

  private static String generation(Track track) {
    try (var store = new ProjectionStore(redis.client(), "test")) {
      return store.position(slot(), track) instanceof StoredPosition.At at
          ? at.mark().generation()
          : "";
    }
  }

  private void assertEqual() {
    Verification verification = running.verify();
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.notCompared()).isEmpty();
    assertThat(verification.records()).isEqualTo(FACTS);
  }

  /// One that has a shadow and is under way as long as a test needs.
  private Rebuilds begun() {
    Rebuilds rebuilds = running.rebuilds("b", gate::before, MachineMemory.here());
    rebuilds.begin(EXECUTIONS);
    awaitShadow();
    return rebuilds;
  }

  private static String awaitShadow() {
    return Eventually.value(() -> generation(Track.SHADOW), s -> !s.isEmpty(), "a shadow");
  }

  private static RebuildStatus await(Rebuilds rebuilds, State... wanted) {
    return Eventually.value(
        rebuilds::status, s -> List.of(wanted).contains(s.state()), "the rebuild's end");
  }

  /// @param lost when, by `System.nanoTime`
  private void assertFailedAndRead(Rebuilds rebuilds, String how, long lost) throws IOException {
    RebuildStatus status = await(rebuilds, State.FAILED, State.DONE);
    assertThat(status.state()).isEqualTo(State.FAILED);
    report.add(
        "rebuild loses what it has built", Duration.ZERO, how + "said after " + sinceThen(lost));
    assertThat(status.reason()).contains("is gone", "begin again");
    assertThat(generation(Track.LIVE)).isEqualTo(read);
    assertEqual();
  }

  private static String sinceThen(long time) {
    return FaultReport.seconds(Duration.ofNanos(System.nanoTime() - time));
  }

  @Test
  void shouldKeepWhatIsReadWhenRedisGoesBackToBeforeTheRebuild() throws IOException {
    // Given
    RedisCopy before = RedisCopy.of(redis.client());
    Rebuilds rebuilds = begun();
    // When
    long lost = System.nanoTime();
    before.restore(redis.client());
    gate.open();
    // Then
    assertFailedAndRead(rebuilds, "Redis as before it began; ", lost);
    // When it is begun again
    Rebuilds again = running.rebuilds("c");
    again.begin(EXECUTIONS);
    // Then
    await(again, State.DONE);
    assertThat(generation(Track.LIVE)).isGreaterThan(read);
    assertEqual();
  }

  @Test
  void shouldKeepWhatIsReadWhenRedisGoesBackToBeforeTheSwitch() throws IOException {
    // Given a rebuild that has switched, and has not deleted yet what it replaced
    RedisCopy before = RedisCopy.of(redis.client());
    Rebuilds rebuilds =
        running.rebuilds(
            "b", UnaryOperator.identity(), MachineMemory.here(), Duration.ofMinutes(10));
    rebuilds.begin(EXECUTIONS);
    await(rebuilds, State.SWEEPING);
    assertThat(generation(Track.LIVE)).isGreaterThan(read);
    // When
    long lost = System.nanoTime();
    before.restore(redis.client());
    // Then
    assertFailedAndRead(rebuilds, "Redis as before the switch; ", lost);
  }

  /// As when it is stopped from elsewhere while it stands still for longer than its lease.
  @Test
  void shouldKeepWhatIsReadWhenItsShadowIsGivenUpElsewhere() throws IOException {
    // Given
    Rebuilds rebuilds = begun();
    // When
    long lost = System.nanoTime();
    try (var store = new ProjectionStore(redis.client(), "test")) {
      assertThat(store.giveUp(slot(), generation(Track.SHADOW), Long.MAX_VALUE)).isTrue();
    }
    gate.open();
    // Then
    assertFailedAndRead(rebuilds, "given up elsewhere; ", lost);
  }

  @Test
  void shouldLeaveItsShadowsToWhomHasItsLeaseNow() throws IOException {
    // Given
    Rebuilds rebuilds = begun();
    String shadow = awaitShadow();
    String lease = "_:" + broker.clients().group("rebuild") + ":lease";
    try (var connection = redis.client().connect()) {
      // When it has stood still for longer than its lease
      long lost = System.nanoTime();
      connection.sync().set(lease, "another");
      // Then
      Eventually.value(LostShadowIT::working, List::isEmpty, "the end of the one that is late");
      report.add("rebuild loses its lease", Duration.ZERO, "ended after " + sinceThen(lost));
      assertThat(generation(Track.SHADOW)).isEqualTo(shadow);
      assertThat(rebuilds.status().state()).as("said by the other").isEqualTo(State.RUNNING);
      connection.sync().del(lease);
    }
    // When
    Rebuilds next = running.rebuilds("c");
    next.begin(EXECUTIONS);
    // Then
    await(next, State.DONE);
    assertThat(generation(Track.LIVE)).as("it goes on with the same").isEqualTo(shadow);
    assertEqual();
  }

  private static List<Thread> working() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("projection-rebuild"))
        .toList();
  }
}
