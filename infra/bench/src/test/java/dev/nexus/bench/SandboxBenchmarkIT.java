package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.testkit.NeedsTool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class SandboxBenchmarkIT {
  private static final Benchmark.Effort SMALL =
      new Benchmark.Effort(1, Duration.ofMillis(500), Duration.ofMillis(300));

  @Test
  void shouldMeasureContainersBesideBareOnes() throws Exception {
    // Given
    String images = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    assertThat(new ProcessBuilder(images, "--runners").inheritIO().start().waitFor()).isZero();
    String host =
        Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock");

    // When
    JsonNode report =
        new SandboxBenchmark("nexus/runner-{runner}:offline", host, "")
            .run(SMALL, System.out::println)
            .report("sandbox", SMALL.runs());

    // Then
    for (String rate :
        List.of("container", "containerTool", "containerNode", "command", "jsTool")) {
      for (String part : List.of("result", "floor")) {
        assertThat(report.path(part).path(rate).path("p50Ms").asDouble())
            .as(part + " of " + rate)
            .isPositive();
      }
      assertThat(report.path("ratio").path(rate).path("p50").asDouble()).as(rate).isPositive();
    }
    for (String once : List.of("containerCold", "containerKill")) {
      assertThat(report.path("result").path(once).path("p99Ms").asDouble()).as(once).isPositive();
      assertThat(report.path("floor").path(once).path("p99Ms").asDouble()).as(once).isPositive();
    }
    assertThat(report.at("/result/containerDensity").has("mibEach")).isTrue();
    assertThat(report.at("/floor/containerDensity").has("mibEach")).isTrue();
    assertThat(report.at("/result/mixed/p99Ms/container")).hasSize(5);
    assertThat(report.at("/floor/mixed/p99Ms/container")).hasSize(5);
    assertThat(report.at("/ratio/mixed/p99Ms/container").asDouble()).isPositive();
  }
}
