package dev.nexus.command.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integrations;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RelayedBroker;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many at the doors who name what nobody registered, while the log is silent.
class RegisteredIT {
  @TempDir Path directory;

  private final AtomicInteger answered = new AtomicInteger();

  @Test
  void shouldRefuseAtOnceWhereAsManyWaitAsThereIsRoomFor() throws Exception {
    Clock clock = Clock.systemUTC();
    try (var broker = RelayedBroker.start(directory.resolve("kafka"));
        var producer = new EventProducer(broker.clients(), "test");
        var integrations =
            new Integrations(
                broker.clients(), producer, new DeadLetters(producer, "test", clock), clock)) {
      // Given
      integrations.start();
      integrations.awaitReady(Duration.ofMinutes(2));
      var registered = new Registered(integrations, Duration.ofHours(1));
      find(registered);
      broker.road().silence();
      List<Thread> waiting = new ArrayList<>();
      for (int i = 0; i < Registered.MOST_AT_ONCE; i++) {
        waiting.add(Thread.ofVirtual().start(() -> find(registered)));
      }
      Eventually.holds(
          () ->
              assertThat(waiting)
                  .extracting(Thread::getState)
                  .containsOnly(Thread.State.TIMED_WAITING));

      // When
      var oneMore = CompletableFuture.supplyAsync(() -> refusal(registered));

      // Then
      Eventually.holds(() -> assertThat(oneMore).isCompleted());
      assertThat(oneMore.join().status().getCode()).isEqualTo(503);
      assertThat(oneMore.join().kind()).isEqualTo("log-unavailable");
      assertThat(oneMore.join().retryAfter()).isPositive();
      assertThat(answered).hasValue(1);

      // When
      broker.road().pass();

      // Then
      Eventually.holds(() -> assertThat(answered).hasValue(Registered.MOST_AT_ONCE + 1));
    }
  }

  private void find(Registered registered) {
    assertThat(registered.forRequest().find(Optional::empty)).isEmpty();
    answered.incrementAndGet();
  }

  private static Problem refusal(Registered registered) {
    try {
      var found = registered.forRequest().find(Optional::empty);
      throw new AssertionError("a place for one more, which found " + found);
    } catch (ProblemException e) {
      return e.problem();
    }
  }
}
