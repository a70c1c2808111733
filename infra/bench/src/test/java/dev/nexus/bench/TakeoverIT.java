package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One takeover of each kind: that the work goes on elsewhere and is measured, not in what time.
class TakeoverIT {
  private static final Duration LEASE = Duration.ofSeconds(2);

  @Test
  @Timeout(600)
  void shouldMeasureUntilTheWorkOfTheKilledGoesOn() throws Exception {
    // When
    JsonNode report =
        new TakeoverBenchmark(LEASE)
            .run(new Benchmark.Effort(1, Duration.ZERO, Duration.ZERO), System.out::println)
            .report("takeover", 1);

    // Then
    assertThat(report.path("result").path("routerSeconds").asDouble()).isPositive();
    assertThat(report.path("result").path("executorSeconds").asDouble()).isPositive();
    assertThat(report.path("result").path("leaseSeconds").asDouble()).isEqualTo(2);
    assertThat(report.path("floor").path("consumerGroupSeconds").asDouble()).isPositive();
    assertThat(report.path("floor").path("shareGroupSeconds").asDouble()).isPositive();
    assertThat(report.path("ratio").propertyStream())
        .hasSize(3)
        .allSatisfy(ratio -> assertThat(ratio.getValue().asDouble()).isPositive());
  }
}
