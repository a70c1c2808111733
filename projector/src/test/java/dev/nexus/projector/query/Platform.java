package dev.nexus.projector.query;

import dev.nexus.event.TenantId;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.host.RunningServices;
import dev.nexus.platform.host.ServerProperties;
import dev.nexus.platform.host.SharedParts;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.Scope;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.DocumentedAnswers;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.RedisExtension;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The projector alone behind HTTP, with the parts a host gives it.
final class Platform implements AutoCloseable {
  private final SharedParts parts;
  private final ApplicationContext context;
  private final RunningServices services;
  private final EmbeddedServer server;
  private final DocumentedClient http;

  Platform(BrokerExtension broker, RedisExtension redis, Path data) {
    this(broker, redis.url(), data);
  }

  Platform(BrokerExtension broker, String redisUrl, Path data) {
    this(broker.settings(Map.of()), redisUrl, data);
  }

  /// @param broker how it is reached
  Platform(Settings broker, String redisUrl, Path data) {
    Settings settings =
        broker
            .with(Setting.REDIS_URL, redisUrl)
            .with(Setting.DATA_DIR, data.toString())
            .with(Setting.HTTP_PORT, "0")
            .with(Setting.GRPC_PORT, "0");
    context = ApplicationContext.builder().properties(ServerProperties.of(settings)).start();
    parts =
        SharedParts.open(settings, BrokerAccess.SHARED, new InstanceId("test"), Clock.systemUTC());
    parts.registerIn(context);
    parts.startCatalog(Duration.ofMinutes(2));
    services =
        RunningServices.start(context.getBeansOfType(NexusService.class), Duration.ofMinutes(2));
    http = new DocumentedClient(new DocumentedAnswers(context.getBeansOfType(ApiPart.class)));
    server = context.getBean(EmbeddedServer.class).start();
  }

  ApplicationContext context() {
    return context;
  }

  URI uri() {
    return server.getURI();
  }

  /// A new key, as text.
  String key(String... scopes) {
    List<Scope> parsed = List.of(scopes).stream().map(Scope::parse).toList();
    return context
        .getBean(ApiKeys.class)
        .issue(TenantId.DEFAULT, "service:test", "test", parsed, Duration.ofHours(1))
        .key()
        .reveal();
  }

  HttpRequest.Builder request(String key, String path) {
    return HttpRequest.newBuilder(URI.create(server.getURI() + path))
        .header("Authorization", "Bearer " + key);
  }

  HttpResponse<String> get(String key, String path) {
    return send(request(key, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop();
    services.close();
    context.close();
    parts.close();
  }
}
