package dev.nexus.platform.host;

import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.service.NexusService;
import io.micronaut.context.BeanContext;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.reactivestreams.Publisher;

/// Says in `/health` which services of the process do not do their work. The services are asked for
/// with each look, because the process gets its connections after the context has begun.
@Singleton
public final class ServicesHealth implements HealthIndicator {
  private final BeanContext context;

  public ServicesHealth(BeanContext context) {
    this.context = context;
  }

  @Override
  public Publisher<HealthResult> getResult() {
    return Publishers.just(result());
  }

  HealthResult result() {
    List<String> unhealthy = unhealthy();
    HealthStatus status = unhealthy.isEmpty() ? HealthStatus.UP : HealthStatus.DOWN;
    return HealthResult.builder("services", status).details(Map.of("unhealthy", unhealthy)).build();
  }

  /// Names of services that do not do their work now.
  private List<String> unhealthy() {
    List<String> names =
        new ArrayList<>(
            context.getBeansOfType(NexusService.class).stream()
                .filter(service -> !service.healthy())
                .map(NexusService::name)
                .toList());
    if (context.findBean(DefinitionCatalog.class).filter(c -> !c.healthy()).isPresent()) {
      names.add("definitions");
    }
    return List.copyOf(names);
  }
}
