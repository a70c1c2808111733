package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.service.ServiceCaps.Cap;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.platform.catalog.DefinitionCatalog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An executor whose machine has no engine.
class WithoutDockerTest {
  @TempDir Path directory;

  @Test
  void shouldSayWhyAServiceDoesNotRunAndHoldNobodyUp() {
    // Given
    var service = ServiceRig.shell("agent", "true");
    var version =
        new DefinitionCatalog.Version(
            TenantId.DEFAULT,
            "digest",
            "revision",
            new ApplicationDefinition(
                "shop",
                "Shop",
                "1",
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(service)));
    String host = "unix://" + directory.resolve("no.sock");
    var containers =
        Containers.untold(
            new Containers.Options(host, "", "nexus/runner-{runner}", 1, directory.resolve("s")));
    var around =
        new ServiceInstances.Surroundings(
            containers,
            () -> List.of(version),
            _ -> new HeardServices(),
            () -> "installation",
            _ -> java.util.Optional.empty(),
            new ServiceCaps(new Cap(10, 1000), new Cap(10, 1000)),
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    try (var services =
        new ServiceInstances(
            around,
            _ -> {
              throw new AssertionError("nobody shares what cannot be run");
            })) {
      // When
      services.round();

      // Then
      assertThat(services.of(TenantId.DEFAULT, "shop"))
          .singleElement()
          .satisfies(
              status -> {
                assertThat(status.state()).isEqualTo(State.UNSERVED);
                assertThat(status.why()).contains("no Docker engine answers", "NEXUS_DOCKER_HOST");
              });
      assertThatThrownBy(() -> services.healthy(ServiceRig.key("agent")))
          .hasMessageContaining("no Docker engine answers");
    }
  }
}
