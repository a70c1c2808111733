package dev.nexus.command.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.definition.ApplicationDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a start makes of a log that does not take the platform's own applications at once.
class SystemApplicationsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Publication PUBLISHED =
      new Publication.Published(
          new ApplicationDefinition("a", "A", "1", List.of(), List.of(), List.of(), Map.of()),
          "digest",
          "revision",
          true,
          List.of());

  private final List<String> tried = Collections.synchronizedList(new ArrayList<>());

  @Test
  void shouldPublishAgainWhatALogThatIsSlowDidNotAnswer() {
    // Given
    var applications =
        new SystemApplications(
            applying -> {
              tried.add(applying.appId());
              if (tried.size() < 3) {
                throw new IllegalStateException("published but is not visible here yet");
              }
              return new Publication.Taken("never mind");
            },
            _ -> false);

    // When
    applications.start();

    // Then it went on until there was an answer, which this time is a refusal
    assertThatThrownBy(() -> applications.awaitReady(PATIENCE)).hasRootCauseMessage("never mind");
    assertThat(tried).containsExactly("nexus.oracle", "nexus.oracle", "nexus.oracle");
    assertThat(applications.healthy()).isFalse();
    applications.close();
  }

  @Test
  void shouldBeReadyAsSoonAsTheLogHasTakenIt() {
    // Given
    var applications =
        new SystemApplications(
            applying -> {
              tried.add(applying.appId());
              if (tried.size() < 2) {
                throw new IllegalStateException("published but is not visible here yet");
              }
              return PUBLISHED;
            },
            _ -> false);
    applications.start();

    // When
    applications.awaitReady(PATIENCE);

    // Then
    assertThat(tried).hasSize(2);
    assertThat(applications.healthy()).isTrue();
    applications.close();
  }

  @Test
  void shouldSayWhyNothingIsPublishedYetAndEndWhenItIsClosed() {
    // Given
    var applications =
        new SystemApplications(
            _ -> {
              throw new IllegalStateException("the log does not answer");
            },
            _ -> false);
    applications.start();

    // Then
    assertThatThrownBy(() -> applications.awaitReady(Duration.ofSeconds(2)))
        .hasMessage("system applications were not published yet")
        .hasRootCauseMessage("the log does not answer");

    // When
    applications.close();

    // Then
    assertThatThrownBy(() -> applications.awaitReady(PATIENCE))
        .hasRootCauseInstanceOf(InterruptedException.class);
  }
}
