package dev.nexus.platform.host;

import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import java.util.List;
import java.util.Map;
import org.reactivestreams.Publisher;

/// Says in `/health` which services of the process do not do their work.
public final class ServicesHealth implements HealthIndicator {
  private final RunningServices running;

  public ServicesHealth(RunningServices running) {
    this.running = running;
  }

  @Override
  public Publisher<HealthResult> getResult() {
    List<String> unhealthy = running.unhealthy();
    HealthStatus status = unhealthy.isEmpty() ? HealthStatus.UP : HealthStatus.DOWN;
    return Publishers.just(
        HealthResult.builder("services", status).details(Map.of("unhealthy", unhealthy)).build());
  }
}
