package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A small run of each benchmark of the read side: that it ends and measures something, not what.
class ReadSideIT {
  private static final int FACTS = 4_000;
  private static final Benchmark.Effort SMALL =
      new Benchmark.Effort(1, Duration.ZERO, Duration.ofSeconds(1));

  private final List<String> told = new ArrayList<>();

  @Test
  void shouldMeasureFromTheLogIntoRedis() throws Exception {
    // When
    JsonNode report =
        new IngestBenchmark(FACTS).run(SMALL, told::add).report("ingest", SMALL.runs());

    // Then
    assertThat(report.path("result").path("eventsPerSecond").asLong()).isPositive();
    assertThat(report.path("result").path("redisCpuMicros").asDouble()).isPositive();
    hasAFloorOfEachClient(report);
    assertThat(told).singleElement().asString().contains("bare producer", "bare consumer");
  }

  @Test
  void shouldMeasureWhenAFactIsVisibleFromWhenItWasDue() throws Exception {
    // When
    JsonNode report = new VisibleBenchmark().run(SMALL, told::add).report("visible", 1);

    // Then
    JsonNode own = report.path("result").path("at10k");
    assertThat(own.path("p50Ms").asDouble()).isPositive();
    assertThat(own.path("p99Ms").asDouble()).isGreaterThanOrEqualTo(own.path("p50Ms").asDouble());
    assertThat(report.path("floor").propertyStream())
        .hasSize(3)
        .allSatisfy(floor -> assertThat(floor.getValue().path("p99Ms").asDouble()).isPositive());
  }

  @Test
  void shouldMeasureARebuild() throws Exception {
    // When
    JsonNode report = new RebuildBenchmark(FACTS).run(SMALL, told::add).report("rebuild", 1);

    // Then
    assertThat(report.path("result").path("eventsPerSecond").asLong()).isPositive();
    hasAFloorOfEachClient(report);
  }

  @Test
  void shouldMeasureWhatRouterAndProjectorKeep() throws Exception {
    // When
    JsonNode report = new MemoryBenchmark(500).run(SMALL, told::add).report("memory", 1);

    // Then
    JsonNode result = report.path("result");
    assertThat(result.path("open").asInt()).isEqualTo(50);
    for (String part : List.of("router", "projector")) {
      assertThat(result.path(part).path("heapMb").asLong()).as(part).isPositive();
      assertThat(result.path(part).path("recoverySeconds").asDouble()).as(part).isPositive();
      assertThat(report.path("ratio").path(part + "Heap").asDouble()).as(part).isPositive();
      assertThat(report.path("ratio").has(part + "Resident")).as(part).isTrue();
    }
    assertThat(report.path("floor").path("heapMb").asLong()).isPositive();
    assertThat(result.path("router").path("diskMb").asLong()).isNotNegative();
  }

  private static void hasAFloorOfEachClient(JsonNode report) {
    for (String client : List.of("producer", "consumer", "redis")) {
      assertThat(report.path("floor").path(client + "PerSecond").asLong()).as(client).isPositive();
      assertThat(report.path("ratio").has(client)).as(client).isTrue();
    }
  }
}
