package dev.nexus.platform.host;

import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Settings of Nexus as properties of Micronaut. No service ships an `application.yml`: whoever
/// starts the context gives it these.
public final class ServerProperties {
  private ServerProperties() {}

  /// Throws `InvalidSettingException` when others could reach what nobody encrypts.
  public static Map<String, Object> of(Settings settings) {
    String host = host(settings);
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("micronaut.application.name", "nexus");
    properties.put("micronaut.server.host", host);
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
    properties.put("grpc.server.host", host);
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

  private static String host(Settings settings) {
    String host = settings.text(Setting.HTTP_HOST);
    boolean loopback;
    try {
      loopback = InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new InvalidSettingException(
          Setting.HTTP_HOST.variable()
              + ": expected an address of this machine, found '"
              + host
              + "'");
    }
    if (!loopback && !settings.flag(Setting.BEHIND_PROXY)) {
      throw new InvalidSettingException(
          Setting.HTTP_HOST.variable()
              + ": other machines reach '"
              + host
              + "', and keys would cross the network in the clear; leave it at "
              + Setting.HTTP_HOST.defaultValue()
              + ", or put a proxy that encrypts in front and set "
              + Setting.BEHIND_PROXY.variable()
              + "=true");
    }
    return host;
  }

  /// The word for a free port is -1 in Micronaut's HTTP server, and 0 in gRPC's.
  private static int httpPort(Settings settings) {
    int port = settings.number(Setting.HTTP_PORT);
    return port == 0 ? -1 : port;
  }
}
