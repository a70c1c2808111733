package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.topology.Router;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.host.RunningServices;
import dev.nexus.platform.host.ServerProperties;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.Scope;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.DocumentedAnswers;
import dev.nexus.testkit.DocumentedClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.ApplicationContext;
import io.micronaut.grpc.server.GrpcEmbeddedServer;
import io.micronaut.http.server.netty.NettyEmbeddedServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The whole write side on a real broker and a real port, with an executor that only echoes.
final class FrontDoor implements AutoCloseable {
  static final String DEFINITION =
      """
      appId: orders
      components:
        - componentId: echo
          handlerType: BUILTIN
          taskDetails: {function: echo}
          inputSchema:
            type: object
            required: [text]
            properties: {text: {type: string}, n: {type: integer}}
            additionalProperties: false
        - componentId: fail
          handlerType: BUILTIN
          taskDetails: {function: echo}
        - componentId: stuck
          handlerType: BUILTIN
          taskDetails: {function: echo}
      triggers:
        - {triggerId: hook, eventType: com.github.webhook, component: stuck}
        - {triggerId: strict, eventType: com.example.order, source: "urn:shop", component: echo}
      """;

  private final DocumentedClient http;
  private final KafkaClients clients;
  private final EventProducer producer;
  private final DefinitionCatalog catalog;
  private final ApplicationContext context;
  private final RunningServices services;
  private final EchoExecutor executor;
  private final URI root;

  FrontDoor(BrokerExtension broker, Path data) {
    this(broker, data, Map.of());
  }

  /// @param more settings beside those every test has; gRPC is there with a port for it
  FrontDoor(BrokerExtension broker, Path data, Map<String, String> more) {
    this(broker.clients(), broker.settings(environment(data, more)));
  }

  /// @param clients by which it reads and writes
  /// @param settings made of an `environment`, on the same broker
  FrontDoor(KafkaClients clients, Settings settings) {
    this.clients = clients;
    Clock clock = Clock.systemUTC();
    var instance = new InstanceId("test-" + UUID.randomUUID());
    producer = new EventProducer(clients, instance + "-producer");
    var deadLetters = new DeadLetters(producer, "command-service", clock);
    catalog = new DefinitionCatalog(clients, instance.value(), deadLetters);
    Map<String, Object> properties = new HashMap<>(ServerProperties.of(settings));
    properties.put("grpc.server.enabled", settings.isGiven(Setting.GRPC_PORT));
    properties.put("grpc.server.health.enabled", false);
    context = ApplicationContext.builder().properties(properties).build();
    context.registerSingleton(Settings.class, settings);
    context.registerSingleton(InstanceId.class, instance);
    context.registerSingleton(Clock.class, clock);
    context.registerSingleton(EdgeIds.class, new EdgeIds(clock));
    context.registerSingleton(KafkaClients.class, clients);
    context.registerSingleton(BrokerAccess.class, BrokerAccess.SHARED);
    context.registerSingleton(EventProducer.class, producer);
    context.registerSingleton(DeadLetters.class, deadLetters);
    context.registerSingleton(DefinitionCatalog.class, catalog);
    context.registerSingleton(Payloads.class, new Payloads(settings, clock));
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));
    context.start();
    List<NexusService> all = new ArrayList<>(context.getBeansOfType(NexusService.class));
    if (all.stream().noneMatch(Router.class::isInstance)) {
      all.add(
          new Router(
              clients,
              BrokerAccess.SHARED,
              settings,
              catalog,
              deadLetters,
              context.getBean(Snapshots.class),
              context.getBean(MeterRegistry.class),
              clock));
    }
    services = RunningServices.start(all, Duration.ofMinutes(2));
    executor = new EchoExecutor(clients, producer);
    http = new DocumentedClient(new DocumentedAnswers(context.getBeansOfType(ApiPart.class)));
    root = context.getBean(NettyEmbeddedServer.class).start().getURI();
  }

  /// Settings that every test has, and more.
  static Map<String, String> environment(Path data, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("NEXUS_DATA_DIR", data.toString());
    environment.put("NEXUS_HTTP_PORT", "0");
    environment.put("NEXUS_MAX_BODY_BYTES", "65536");
    environment.put("NEXUS_SECRET_GITHUB", "It's a Secret to Everybody");
    return environment;
  }

  KafkaClients clients() {
    return clients;
  }

  EventProducer producer() {
    return producer;
  }

  /// Where gRPC listens.
  String grpc() {
    return "127.0.0.1:" + bean(GrpcEmbeddedServer.class).getPort();
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /// A new key with these scopes, known at the door.
  String key(String... scopes) {
    var issued =
        bean(ApiKeys.class)
            .issue(
                TenantId.DEFAULT,
                "service:test",
                "test",
                Arrays.stream(scopes).map(Scope::parse).toList(),
                Duration.ofHours(1));
    bean(KeyRing.class).await(issued.key().keyId(), true, Duration.ofMinutes(1));
    return issued.key().reveal();
  }

  /// An answer with its body as JSON.
  record Answer(int status, JsonNode body, HttpResponse<String> response) {
    String contentType() {
      return response.headers().firstValue("Content-Type").orElse("");
    }
  }

  Answer post(String key, String path, String body, String... headers) {
    return send(
        request(key, path, headers)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  /// Sends an event that no trigger is for.
  Answer event(String key, String source, String id) {
    return post(
        key,
        "/v1/events",
        "{}",
        "ce-specversion",
        "1.0",
        "ce-id",
        id,
        "ce-source",
        source,
        "ce-type",
        "com.example.nothing");
  }

  Answer get(String key, String path) {
    return send(request(key, path).GET().build());
  }

  Answer delete(String key, String path) {
    return send(request(key, path).DELETE().build());
  }

  Answer apply(String key, String app, Map<String, String> files) {
    return post(
        key, "/v1/apps/" + app + "/apply", CanonicalJson.toJson(Map.of("files", files)).text());
  }

  HttpRequest.Builder request(String key, String path, String... headers) {
    var builder = HttpRequest.newBuilder(root.resolve(path)).timeout(Duration.ofMinutes(2));
    if (!key.isEmpty()) {
      builder.header("Authorization", "Bearer " + key);
    }
    return headers.length == 0 ? builder : builder.headers(headers);
  }

  Answer send(HttpRequest request) {
    try {
      var response = http.send(request, BodyHandlers.ofString());
      String body = response.body();
      boolean json = body.startsWith("{") || body.startsWith("[");
      return new Answer(
          response.statusCode(),
          json ? CanonicalJson.read(body) : CanonicalJson.read("null"),
          response);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    executor.close();
    services.close();
    context.close();
    catalog.close();
    producer.close();
    http.close();
  }
}
