package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LagReporterIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  @Test
  void shouldTellNoNumberOfBeforeWhenAnErrorMeetsTheQuestion() {
    // Given
    var clients = BROKER.clients();
    var meters = new SimpleMeterRegistry();
    var broken = new AtomicBoolean();
    try (var events = new BestEffortEvents(clients, "lag", 100, BestEffortEvents.Account.NONE);
        var reporter =
            LagReporter.of(
                    "reader",
                    clients,
                    new BacklogReports(events, "test", 100, Clock.systemUTC(), System::nanoTime),
                    lag -> behind(broken.get()))
                .tellingTo(meters)) {
      var gauge = meters.get("nexus.backlog.records").gauge();
      reporter.round();
      Eventually.holds(() -> assertThat(gauge.value()).isEqualTo(7));

      // When
      broken.set(true);

      // Then
      Eventually.holds(
          () -> {
            reporter.round();
            assertThat(gauge.value()).isNaN();
          });
    }
  }

  private static long behind(boolean broken) {
    if (broken) {
      throw new OutOfMemoryError("of a test");
    }
    return 7;
  }
}
