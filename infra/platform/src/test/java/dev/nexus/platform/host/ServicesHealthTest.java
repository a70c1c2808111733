package dev.nexus.platform.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.service.NexusService;
import io.micronaut.context.ApplicationContext;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServicesHealthTest {
  private static final class Service implements NexusService {
    private boolean healthy;

    @Override
    public String name() {
      return "key-ring";
    }

    @Override
    public void start() {}

    @Override
    public void awaitReady(Duration patience) {}

    @Override
    public boolean healthy() {
      return healthy;
    }

    @Override
    public void close() {}
  }

  @Test
  void shouldNameTheServicesThatDoNotDoTheirWork() {
    // Given
    Service service = new Service();
    try (ApplicationContext context = ApplicationContext.run()) {
      context.registerSingleton(NexusService.class, service);
      ServicesHealth health = context.getBean(ServicesHealth.class);
      // When
      HealthResult before = health.result();
      service.healthy = true;
      HealthResult after = health.result();
      // Then
      assertThat(before.getStatus()).isEqualTo(HealthStatus.DOWN);
      assertThat(before.getDetails()).isEqualTo(Map.of("unhealthy", List.of("key-ring")));
      assertThat(after.getStatus()).isEqualTo(HealthStatus.UP);
    }
  }
}
