package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.admission.BacklogView.Behind;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Outside events wait on the topic for as long as there is no room for more work.
class IngressThrottleIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private IngressStage stage;

  @BeforeEach
  void begin() {
    stage = new IngressStage(BROKER, data);
  }

  @AfterEach
  void end() {
    stage.close();
  }

  /// Why new work is refused.
  private enum Reason {
    BACKLOG {
      @Override
      void begin(IngressStage stage) {
        stage.backlog().take("router/-1", new Behind("router", IngressStage.LIMIT + 1));
      }

      @Override
      void end(IngressStage stage) {
        stage.backlog().take("router/-1", new Behind("router", IngressStage.LIMIT));
      }
    },
    FULL_DISK {
      @Override
      void begin(IngressStage stage) {
        stage.shortage().set(Optional.of("/data has 3 MiB free"));
      }

      @Override
      void end(IngressStage stage) {
        stage.shortage().set(Optional.empty());
      }
    };

    abstract void begin(IngressStage stage);

    abstract void end(IngressStage stage);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void shouldLeaveEventsOnTheTopicWhileNewWorkIsRefused(Reason reason) throws Exception {
    // Given
    long before = stage.accepted();
    reason.begin(stage);
    try (var reader = stage.reader(BROKER.clients())) {
      reader.start();
      Eventually.holds(() -> assertThat(reader.throttled()).isTrue());

      // When
      for (int i = 0; i < 15; i++) {
        stage.send(reason + "-" + i);
      }

      // Then: it is a member that takes nothing
      Eventually.holds(() -> assertThat(stage.members()).isEqualTo(1));
      Eventually.stays(Duration.ofSeconds(1), () -> assertThat(stage.accepted()).isEqualTo(before));

      // When
      reason.end(stage);

      // Then: nothing was dropped
      Eventually.holds(() -> assertThat(stage.accepted()).isEqualTo(before + 15));
      Eventually.holds(() -> assertThat(reader.throttled()).isFalse());
    }
  }

  @Test
  void shouldLetInNoMoreAtOnceThanPartsMayBeBehind() {
    // Given more events than that, and nobody who says how far behind they are
    long before = stage.accepted();
    for (int i = 0; i < 3 * IngressStage.LIMIT; i++) {
      stage.send("rush-" + i);
    }
    try (var reader = stage.reader(BROKER.clients())) {
      long begun = System.nanoTime();

      // When
      reader.start();
      Eventually.holds(
          () -> assertThat(stage.accepted()).isEqualTo(before + 3 * IngressStage.LIMIT));

      // Then: between the first and the last part of them backlogs could be reported twice
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(4));
    }
  }

  @Test
  void shouldLetInTheNextShareWhenThoseWellBehindHaveReported() throws Exception {
    // Given a part that could have become too far behind with the first share
    long before = stage.accepted();
    stage.backlog().take("router/-1", new Behind("router", IngressStage.LIMIT));
    for (int i = 0; i < 2 * IngressStage.LIMIT; i++) {
      stage.send("late-" + i);
    }
    try (var reader = stage.reader(BROKER.clients())) {
      // When
      reader.start();

      // Then: its report is waited for
      Eventually.holds(() -> assertThat(stage.accepted()).isEqualTo(before + IngressStage.LIMIT));
      Eventually.stays(
          Duration.ofSeconds(4),
          () -> assertThat(stage.accepted()).isEqualTo(before + IngressStage.LIMIT));

      // When
      stage.backlog().take("router/-1", new Behind("router", IngressStage.LIMIT));

      // Then
      Eventually.holds(
          () -> assertThat(stage.accepted()).isEqualTo(before + 2 * IngressStage.LIMIT));
    }
  }
}
