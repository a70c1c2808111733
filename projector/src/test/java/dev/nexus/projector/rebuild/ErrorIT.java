package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.projector.Projections;
import dev.nexus.projector.Running;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import io.micronaut.http.sse.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// An error of the JVM, such as a heap that is full for a moment, ends what runs into it, and who
/// watches is told.
class ErrorIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Set<String> EXECUTIONS = Set.of("executions");

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  @TempDir Path directory;
  private Running running;

  @BeforeEach
  void begin() {
    redis.clear();
    running = new Running(broker.clients(), redis.client(), 1_000);
    running.start("a");
    running.writeStories("one", 20);
    assertThat(running.verify().equal()).isTrue();
  }

  @AfterEach
  void end() {
    running.close();
  }

  /// A fold for which there is no memory.
  private static final class Broken<E> extends PassedOnFold<E> {
    Broken(Fold<E> fold) {
      super(fold);
    }

    static Fold<?> of(Fold<?> fold) {
      return new Broken<>(fold);
    }

    @Override
    public List<Mutation> fold(Fact<E> fact, Views views) {
      throw new OutOfMemoryError("of a test");
    }
  }

  @Test
  void shouldSayWhyARebuildEndedAndLeaveRoomForTheNext() {
    // Given
    Rebuilds broken = running.rebuilds("b", Broken::of, MachineMemory.here());

    // When
    broken.begin(EXECUTIONS);

    // Then
    RebuildStatus status =
        Eventually.value(PATIENCE, broken::status, s -> s.state() == State.FAILED, "its end");
    assertThat(status.reason()).contains("of a test");

    // When
    Rebuilds whole = running.rebuilds("c");
    Eventually.holds(PATIENCE, () -> whole.begin(EXECUTIONS));

    // Then
    Eventually.value(PATIENCE, whole::status, s -> s.state() == State.DONE, "the other's end");
    assertThat(running.verify().equal()).isTrue();
  }

  @Test
  void shouldSayWhyAVerificationEnded() throws Exception {
    // Given
    List<Fold<?>> folds =
        Projections.all(Settings.of(Map.of())).stream().<Fold<?>>map(Broken::of).toList();
    var verifier =
        new Verifier(broker.clients(), redis.client(), folds, running.snapshots(), directory);

    // When
    var caller = new VerificationListener();
    new VerificationPublisher(verifier, EXECUTIONS, "here").subscribe(caller);
    Event<String> last = caller.last();

    // Then
    assertThat(last.getName()).isEqualTo("failed");
    assertThat(CanonicalJson.read(last.getData()).path("reason").asText()).contains("of a test");
  }
}
