package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.testkit.NeedsTool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class SandboxBenchmarkIT {

  @Test
  void shouldMeasureContainersBesideBareOnes() throws Exception {
    // Given
    String images = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    assertThat(new ProcessBuilder(images, "--runners").inheritIO().start().waitFor()).isZero();
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    String host =
        Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock");

    try (var load = new ContainerLoad("nexus/runner-{runner}:offline", host)) {
      // When
      Latencies own = ClosedLoop.run(1, Duration.ofMillis(500), load.warm());
      Latencies bare = ClosedLoop.run(1, Duration.ofMillis(500), load.bare());
      load.addOnce(result, floor, ratio, System.out::println);

      // Then
      assertThat(own.p50Ms()).isPositive();
      assertThat(bare.p50Ms()).isPositive();
    }
    assertThat(result.path("containerCold").path("p50Ms").asDouble()).isPositive();
    assertThat(floor.path("containerCold").path("p50Ms").asDouble()).isPositive();
    assertThat(result.path("containerKill").path("p99Ms").asDouble()).isPositive();
    assertThat(result.path("containerDensity").has("mibEach")).isTrue();
  }
}
