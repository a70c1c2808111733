package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A small run: that events come through a platform and through their floor, not how fast.
class EventsBenchmarkIT {
  private static final Benchmark.Effort SMALL =
      new Benchmark.Effort(1, Duration.ofSeconds(1), Duration.ofSeconds(1));

  @Test
  @Timeout(600)
  void shouldMeasureUntilEventsAreDecidedAndUntilTheirExecutionsBegin() throws Exception {
    // When
    JsonNode report =
        new EventsBenchmark(300).run(SMALL, System.out::println).report("events", SMALL.runs());

    // Then
    for (String part : List.of("result", "floor")) {
      JsonNode measured = report.path(part);
      assertThat(measured.path("eventsPerSecond").asLong()).as(part).isPositive();
      JsonNode paced = measured.path("at200");
      assertThat(paced.path("p50Ms").asDouble()).as(part).isPositive();
      assertThat(paced.path("p99Ms").asDouble())
          .as(part)
          .isGreaterThanOrEqualTo(paced.path("p50Ms").asDouble());
    }
    assertThat(report.path("ratio").path("at200").path("p99").asDouble()).isPositive();
  }
}
