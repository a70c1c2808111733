package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A small run: that isolated calls and their floors give what they should, not how fast.
class SandboxBenchmarkTest {
  private static final Benchmark.Effort SMALL =
      new Benchmark.Effort(1, Duration.ofSeconds(2), Duration.ofSeconds(1));

  @Test
  void shouldMeasureIsolatedCallsOfEachLanguageBesideSharedOnes() throws Exception {
    // Given a machine without Docker
    List<String> said = new ArrayList<>();

    // When
    JsonNode report =
        new SandboxBenchmark("none", "unix:///no/engine", "")
            .run(SMALL, said::add)
            .report("sandbox", SMALL.runs());

    // Then
    for (String home : List.of("js", "pythonWasm", "jsTool", "pythonWasmTool")) {
      for (String part : List.of("result", "floor")) {
        JsonNode measured = report.path(part).path(home);
        assertThat(measured.path("p50Ms").asDouble()).as(part + home).isPositive();
        assertThat(measured.path("perSecond").asLong()).as(part + home).isPositive();
        assertThat(measured.path("cores").asDouble()).as(part + home).isPositive();
        assertThat(measured.path("perCore").asLong()).as(part + home).isPositive();
        assertThat(measured.path("p99Ms").asDouble())
            .as(part + home)
            .isGreaterThanOrEqualTo(measured.path("p50Ms").asDouble());
      }
      assertThat(report.path("ratio").path(home).path("p50").asDouble()).as(home).isPositive();
    }
    assertThat(report.path("result").has("container")).isFalse();
    assertThat(said).anyMatch(line -> line.startsWith("container: LEFT OUT"));
    assertThat(report.at("/result/watchdog/micros").asDouble())
        .isGreaterThanOrEqualTo(report.at("/floor/watchdog/micros").asDouble());
  }
}
