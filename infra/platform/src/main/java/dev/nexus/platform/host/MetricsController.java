package dev.nexus.platform.host;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;

/// What this process measures about itself, in Prometheus' text format, where Prometheus looks by
/// itself. Micronaut's own endpoint has its name, `prometheus`, for its path and stays off.
@Controller("/metrics")
@Requires(beans = PrometheusMeterRegistry.class)
public final class MetricsController {
  private final PrometheusMeterRegistry registry;

  public MetricsController(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  @Get(produces = "text/plain; version=0.0.4")
  String scrape() {
    return registry.scrape();
  }
}
