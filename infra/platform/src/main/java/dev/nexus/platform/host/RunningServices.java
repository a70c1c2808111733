package dev.nexus.platform.host;

import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.NexusService;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The services of a process while they work. All begin together, each is awaited; they end in
/// reverse order.
public final class RunningServices implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningServices.class);

  private final List<NexusService> services;

  private RunningServices(List<NexusService> services) {
    this.services = services;
  }

  /// Starts the services and waits until each is ready; closes those begun when one fails.
  public static RunningServices start(Collection<NexusService> services, Duration patience) {
    RunningServices running = new RunningServices(new ArrayList<>());
    try {
      for (NexusService service : services) {
        running.services.add(service);
        service.start();
      }
      long deadline = System.nanoTime() + patience.toNanos();
      for (NexusService service : services) {
        long begun = System.nanoTime();
        service.awaitReady(Duration.ofNanos(Math.max(1, deadline - begun)));
        LOG.atInfo()
            .addKeyValue("service", service.name())
            .addKeyValue("waitedMs", (System.nanoTime() - begun) / 1_000_000)
            .log("ready");
      }
      return running;
    } catch (RuntimeException e) {
      running.close();
      throw e;
    }
  }

  public List<NexusService> services() {
    return List.copyOf(services);
  }

  /// Has a registry tell of each whether it does its work.
  void tellTo(MeterRegistry meters) {
    for (NexusService service : services()) {
      Measure.HEALTHY.gauge(meters, service, s -> s.healthy() ? 1 : 0, service.name());
    }
  }

  /// Names of services that do not do their work now.
  public List<String> unhealthy() {
    return services.stream().filter(s -> !s.healthy()).map(NexusService::name).toList();
  }

  @Override
  public void close() {
    for (NexusService service : services.reversed()) {
      long from = System.nanoTime();
      try {
        service.close();
        LOG.atInfo()
            .addKeyValue("service", service.name())
            .addKeyValue("tookMs", (System.nanoTime() - from) / 1_000_000)
            .log("ended");
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).addKeyValue("service", service.name()).log("did not end well");
      }
    }
    services.clear();
  }
}
