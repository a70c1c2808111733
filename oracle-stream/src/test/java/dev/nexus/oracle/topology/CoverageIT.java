package dev.nexus.oracle.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// How far facts may be deleted as far as the oracle is concerned.
class CoverageIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();

  private static final String LOG = "cluster/topic";
  private static final Duration EVERY = Duration.ofMinutes(1);

  @TempDir Path directory;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private Components none;
  private EventProducer producer;
  private Snapshots snapshots;

  @BeforeEach
  void begin() {
    none =
        new Components(
            new Components.Ownership(0, 1),
            new Definitions((tenant, appId) -> Optional.empty()),
            new Outbox(BROKER.clients(), 0),
            new SystemApplication((tenant, appId) -> Optional.empty()));
    producer = new EventProducer(BROKER.clients(), "coverage-it");
    snapshots =
        new Snapshots(
                BROKER.clients(),
                producer,
                new DeadLetters(producer, "oracle", Clock.systemUTC()),
                new SnapshotStore(directory),
                "oracle",
                Clock.systemUTC())
            .start();
    snapshots.awaitCaughtUp(Duration.ofMinutes(2));
  }

  @AfterEach
  void end() {
    snapshots.close();
    producer.close();
  }

  private OptionalLong covered() {
    return snapshots.index().covered(Owner.oracle(0), Topic.EXECUTIONS, 0, LOG);
  }

  @Test
  void shouldSayItNowAndThenThoughTheClockWasSetBack() {
    // Given
    InstantSource clock = now::get;
    Coverage coverage =
        new Coverage(snapshots, 0, LOG, Duration.ofHours(1), clock.withZone(ZoneOffset.UTC));
    coverage.reached(Map.of(0, 10L), none);
    assertThat(covered()).isEmpty();

    // When
    now.updateAndGet(at -> at.plus(EVERY));
    coverage.reached(Map.of(0, 20L), none);
    coverage.reached(Map.of(0, 30L), none);

    // Then
    assertThat(covered()).hasValue(20);

    // When
    now.updateAndGet(at -> at.minus(Duration.ofHours(1)));
    coverage.reached(Map.of(0, 40L), none);
    now.updateAndGet(at -> at.plus(EVERY));
    coverage.reached(Map.of(0, 50L), none);

    // Then
    assertThat(covered()).hasValue(50);
  }
}
