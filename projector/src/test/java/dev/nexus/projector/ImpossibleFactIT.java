package dev.nexus.projector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.projector.execution.ExecutionFold;
import dev.nexus.projector.metric.ComponentCounters;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.stream.ProjectionReader;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Facts that no fold can take are put aside; the partition goes on.
class ImpossibleFactIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  @BeforeEach
  void begin() {
    redis.clear();
  }

  /// An execution's fold that fails at some facts.
  private static Fold<?> failing(String app, Runnable failure) {
    return new ExecutionFold(
        1_000,
        (before, envelope, fact) -> {
          if (envelope.appId().equals(app)) {
            failure.run();
          }
          return ComponentCounters.changes(before, envelope, fact);
        });
  }

  private static void assertFolded(Running running, long records) {
    Verification verification = running.verify();
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.records()).isEqualTo(records);
  }

  private static String reason(Event<DeadLetterEvent> event) {
    return event.body() instanceof RecordDeadLettered letter ? letter.reason() : "";
  }

  @Test
  void shouldSetAsideAFactWithAnAmountNothingCanCount() {
    // Given
    try (var running = new Running(broker.clients(), redis.client(), 1_000)) {
      running.start("a");
      Story story = Story.of("rich").accepted("classify").step(Tier.MODEL);
      // When
      story.worked(new Usage("gpt", 1, 1, Long.MAX_VALUE, 1, Duration.ofMillis(1)), "1");
      running.write(story.succeeded(Tier.MODEL, "1").facts());
      running.writeStories("after", 20);
      // Then
      assertFolded(running, 6 + 20 * 7);
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1))
          .singleElement()
          .satisfies(letter -> assertThat(reason(letter)).contains("costMicros"));
    }
  }

  @Test
  void shouldSetAsideAFactAtWhichTheFoldItselfFails() {
    // Given
    Fold<?> failing =
        failing(
            "broken",
            () -> {
              throw new IllegalStateException("of a test");
            });
    try (var running = new Running(broker.clients(), redis.client(), List.of(failing))) {
      running.start("a");
      // When
      running.write(Story.of("one", "broken", Story.BEGIN).accepted("classify").facts());
      running.writeStories("after", 20);
      // Then
      assertFolded(running, 1 + 20 * 7);
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1))
          .singleElement()
          .satisfies(letter -> assertThat(reason(letter)).contains("of a test"));
    }
  }

  @Test
  void shouldGoOnAfterAnErrorThatIsNotTheFacts() {
    // Given a heap that has no room for a moment
    AtomicBoolean full = new AtomicBoolean(true);
    Fold<?> failing =
        failing(
            "large",
            () -> {
              if (full.getAndSet(false)) {
                throw new OutOfMemoryError("of a test");
              }
            });
    try (var running = new Running(broker.clients(), redis.client(), List.of(failing))) {
      ProjectionReader reader = running.start("a");
      // When
      running.write(Story.of("one", "large", Story.BEGIN).accepted("classify").facts());
      running.writeStories("after", 20);
      // Then
      Eventually.holds(() -> assertThat(full).isFalse());
      assertFolded(running, 1 + 20 * 7);
      assertThat(broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).isEmpty();
      Eventually.holds(() -> assertThat(reader.healthy()).isTrue());
    }
  }
}
