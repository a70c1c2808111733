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
import java.util.function.Supplier;
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
      find(registered.forRequest());
      broker.road().silence();

      // When
      awaitWaiting(Registered.MOST_AT_HOOKS, registered::forHook);

      // Then another hook is refused, and those with keys wait
      assertRefused(registered.forHook());
      awaitWaiting(Registered.MOST_WITH_KEYS, registered::forRequest);
      assertRefused(registered.forRequest());
      assertRefused(registered.forStream());
      assertThat(answered).hasValue(1);

      // When
      broker.road().pass();

      // Then
      int all = 1 + Registered.MOST_AT_HOOKS + Registered.MOST_WITH_KEYS;
      Eventually.holds(() -> assertThat(answered).hasValue(all));
    }
  }

  private void awaitWaiting(int number, Supplier<Registered.Look> looks) {
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      waiting.add(Thread.ofVirtual().start(() -> find(looks.get())));
    }
    Eventually.holds(
        () ->
            assertThat(waiting)
                .extracting(Thread::getState)
                .containsOnly(Thread.State.TIMED_WAITING));
  }

  private void find(Registered.Look look) {
    assertThat(look.find(Optional::empty)).isEmpty();
    answered.incrementAndGet();
  }

  private static void assertRefused(Registered.Look look) {
    var refusal = new CompletableFuture<Problem>();
    Thread.ofVirtual().start(() -> refusal.complete(refusal(look)));
    Eventually.holds(() -> assertThat(refusal).isCompleted());
    assertThat(refusal.join().status().getCode()).isEqualTo(503);
    assertThat(refusal.join().kind()).isEqualTo("log-unavailable");
    assertThat(refusal.join().retryAfter()).isPositive();
  }

  private static Problem refusal(Registered.Look look) {
    try {
      var found = look.find(Optional::empty);
      throw new AssertionError("a place for one more, which found " + found);
    } catch (ProblemException e) {
      return e.problem();
    }
  }
}
