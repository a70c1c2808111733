package dev.nexus.platform.host;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.util.LinkedHashMap;
import java.util.Map;

/// Settings of Nexus as properties of Micronaut. No service ships an `application.yml`: whoever
/// starts the context gives it these.
public final class ServerProperties {
  private static final String LOOPBACK = "127.0.0.1";

  private ServerProperties() {}

  public static Map<String, Object> of(Settings settings) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("micronaut.application.name", "nexus");
    properties.put("micronaut.server.host", LOOPBACK);
    properties.put("micronaut.server.port", httpPort(settings));
    properties.put("micronaut.server.max-request-size", settings.number(Setting.MAX_BODY_BYTES));
    // Edges block, on virtual threads.
    properties.put("micronaut.server.thread-selection", "BLOCKING");
    // A caller may wait for an execution, and a stream is silent while nothing happens.
    properties.put("micronaut.server.idle-timeout", "10m");
    // Nothing more arrives once the server has stopped to listen: do not wait for it.
    properties.put("micronaut.netty.event-loops.default.shutdown-quiet-period", "0s");
    properties.put("micronaut.server.netty.parent.shutdown-quiet-period", "0s");
    properties.put("micronaut.server.netty.worker.shutdown-quiet-period", "0s");
    properties.put("grpc.server.host", LOOPBACK);
    properties.put("grpc.server.port", settings.number(Setting.GRPC_PORT));
    properties.put("grpc.server.max-inbound-message-size", settings.number(Setting.MAX_BODY_BYTES));
    properties.put("endpoints.all.path", "/");
    properties.put("endpoints.all.enabled", false);
    properties.put("endpoints.health.enabled", true);
    properties.put("endpoints.health.sensitive", false);
    properties.put("endpoints.health.details-visible", "ANONYMOUS");
    properties.put("micronaut.metrics.enabled", true);
    properties.put("micronaut.metrics.export.prometheus.enabled", true);
    return properties;
  }

  /// The word for a free port is -1 in Micronaut's HTTP server, and 0 in gRPC's.
  private static int httpPort(Settings settings) {
    int port = settings.number(Setting.HTTP_PORT);
    return port == 0 ? -1 : port;
  }
}
