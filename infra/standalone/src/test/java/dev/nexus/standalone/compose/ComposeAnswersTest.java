package dev.nexus.standalone.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is read of what Compose and containers print.
class ComposeAnswersTest {
  @Test
  void shouldNameImagesOfServicesThatNeedNoProfile() {
    // Given
    String config =
        """
        name: nexus-bench-1-1
        services:
          cli:
            image: nexus/cli:offline
            profiles:
              - cli
          kafka-1:
            environment:
              KAFKA_NODE_ID: "1"
            image: nexus-offline/kafka
          projector:
            image: nexus/projector:offline
        volumes:
          kafka-1: {}
        """;

    // When
    Map<String, String> images = ComposeAnswers.images(config);

    // Then
    assertThat(images)
        .containsExactly(
            Map.entry("kafka-1", "nexus-offline/kafka"),
            Map.entry("projector", "nexus/projector:offline"));
    assertThat(ComposeAnswers.images("services: {}\n")).isEmpty();
  }

  @Test
  void shouldTakeTheProcessThatHoldsMost() {
    String status = "VmRSS:\t    2048 kB\nVmRSS:\t  204800 kB\nVmRSS:\t    1900 kB\n";
    assertThat(ComposeAnswers.residentMb(status)).isEqualTo(200);
  }

  @Test
  void shouldSayWhatWasPrintedWhereNoProcessIsNamed() {
    assertThatThrownBy(() -> ComposeAnswers.residentMb("grep: unknown option"))
        .isInstanceOf(ComposeFailedException.class)
        .hasMessageContaining("grep: unknown option");
  }

  @Test
  void shouldTakeTheLastStartOfAContainerUntilItSaidThatItWorks() {
    // Given
    String twice =
        """
        2026-01-01T12:00:03.000000001Z projector is ready at http://0.0.0.0:8080
        2026-01-01T12:10:00.1Z something else
        2026-01-01T12:10:04.623456789Z projector is ready at http://0.0.0.0:8080
        """;

    // Then
    assertThat(ComposeAnswers.startOf("2026-01-01T12:10:00.123456789Z", twice))
        .hasValue(Duration.ofMillis(4_500));
    assertThat(ComposeAnswers.startOf("2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z Ready\n"))
        .isEmpty();
    assertThat(ComposeAnswers.startOf("2026-01-01T12:00:00Z", "")).isEmpty();
  }
}
