package dev.nexus.platform.host;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.AuthenticationFilter;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BrokerAccess;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.ApplicationContext;
import io.micronaut.http.server.netty.NettyEmbeddedServer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The services of a process while they work, whichever modules are on its class path: with the
/// parts they share, and with the port they answer on. Starts in the order in which these need
/// each other and ends in the reverse one. The brokers, their topics and Redis are there before.
public final class ServiceHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceHost.class);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final ApplicationContext context;
  private final InstanceId instance;
  private final Deque<Part> begun = new ArrayDeque<>();
  private final RunningServices services;
  private final NettyEmbeddedServer http;

  /// A part that has begun and how it ends.
  private record Part(String name, AutoCloseable end) {}

  /// Who wants to know what is being done.
  public interface Steps {
    /// Does one part of the work under its name.
    <T> T part(String name, Supplier<T> work);
  }

  private ServiceHost(
      ApplicationContext context,
      Settings settings,
      BrokerAccess access,
      Clock clock,
      Steps steps) {
    this.context = context;
    this.instance = new InstanceId(new EdgeIds(clock).next().toString());
    try {
      SharedParts parts =
          begin("shared parts", SharedParts.open(settings, access, instance, clock));
      parts.registerIn(context);
      // Beans may hold connections that the shared parts own, so they end first.
      begin("beans", context::stop);
      steps.part("definitions", () -> caughtUp(parts));
      services =
          begin(
              "services",
              steps.part(
                  "services",
                  () ->
                      RunningServices.start(context.getBeansOfType(NexusService.class), PATIENCE)));
      services.tellTo(context.getBean(MeterRegistry.class));
      requireGate(context);
      http = context.getBean(NettyEmbeddedServer.class);
      steps.part("HTTP", () -> begin("HTTP", start(http)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /// The beans of every module on the class path, before they have connections.
  public static ApplicationContext context(Settings settings) {
    return ApplicationContext.builder()
        .deduceEnvironment(false)
        .deduceCloudEnvironment(false)
        .environmentPropertySource(false)
        .enableDefaultPropertySources(false)
        .banner(false)
        .environments("nexus")
        .properties(ServerProperties.of(settings))
        .start();
  }

  /// Starts all services; when this returns they answer.
  ///
  /// @param context from `context`; it is stopped with the host
  public static ServiceHost start(
      ApplicationContext context,
      Settings settings,
      BrokerAccess access,
      Clock clock,
      Steps steps) {
    return new ServiceHost(context, settings, access, clock, steps);
  }

  private static SharedParts caughtUp(SharedParts parts) {
    parts.startCatalog(PATIENCE);
    return parts;
  }

  /// A mistake in the assembly must not open the API.
  private static void requireGate(ApplicationContext context) {
    if (!context.containsBean(AuthenticationFilter.class)) {
      throw new IllegalStateException("HTTP would not ask for keys: AuthenticationFilter is off");
    }
  }

  /// Starts to listen; gRPC follows by itself. What ends it leaves the context alone.
  private static AutoCloseable start(NettyEmbeddedServer http) {
    http.start();
    return http::stopServerOnly;
  }

  private <T extends AutoCloseable> T begin(String name, T part) {
    begun.push(new Part(name, part));
    return part;
  }

  public InstanceId instance() {
    return instance;
  }

  public RunningServices services() {
    return services;
  }

  /// What the modules gave; for who looks inside.
  public ApplicationContext context() {
    return context;
  }

  /// Base URL of its HTTP API.
  public String httpUrl() {
    return "http://127.0.0.1:" + http.getPort();
  }

  @Override
  public void close() {
    while (!begun.isEmpty()) {
      Part part = begun.pop();
      long from = System.nanoTime();
      try {
        part.end().close();
        LOG.atInfo()
            .addKeyValue("part", part.name())
            .addKeyValue("tookMs", (System.nanoTime() - from) / 1_000_000)
            .log("ended");
      } catch (Exception e) {
        LOG.atWarn().setCause(e).addKeyValue("part", part.name()).log("did not end well");
      }
    }
  }
}
