package dev.nexus.e2e;

import static dev.nexus.rig.SecuredBroker.NAMED;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.rig.SecuredBroker;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.standalone.run.ChildPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A broker that lets nobody do what is not granted, and the services beside it, each a process
/// with a user of its own.
final class SecuredSite implements AutoCloseable {
  private final Path directory;
  private final SecuredBroker broker;
  private final EmbeddedRedis redis;
  private final ScriptedModel model;
  private final ServicesApart services;

  SecuredSite() throws Exception {
    directory = Files.createTempDirectory("nexus-secured");
    broker = SecuredBroker.start();
    redis = EmbeddedRedis.start(directory.resolve("redis"));
    model =
        ScriptedModel.builder()
            .behaviour(Behaviour.flawless(7).withMedianLatency(Duration.ofMillis(20)))
            .script(SecuredSite::givingBack)
            .start();
    broker.grant(NAMED, KafkaUser.values());
    var clients = broker.clients(NAMED, KafkaUser.COMMAND_SERVICE);
    new TopicTable(clients, FaultRig.SPREAD, false).create();
    services = startServices();
  }

  private static Optional<ScriptedAnswer> givingBack(List<JsonNode> found) {
    return found.stream()
        .filter(input -> input.path("n").isInt())
        .findFirst()
        .map(input -> ScriptedAnswer.always(input, input));
  }

  private ServicesApart startServices() throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers());
    settings.put("NEXUS_REDIS_URL", redis.url());
    settings.put("NEXUS_LLM_BASE_URL", model.baseUrl().toString());
    settings.put("NEXUS_LLM_MODEL", ScriptedModel.NAME);
    settings.put("NEXUS_PAYLOAD_DIR", directory.resolve("payloads").toString());
    settings.put("NEXUS_HTTP_PORT", "0");
    settings.put("NEXUS_GRPC_PORT", "0");
    Path data = Files.createDirectories(directory.resolve("data"));
    settings.put("NEXUS_DATA_DIR", data.toString());
    return ServicesApart.start(
        Settings.of(settings),
        data,
        service -> broker.environment(NAMED, KafkaUser.named(service.module()).orElseThrow()));
  }

  ServicesApart services() {
    return services;
  }

  SecuredBroker broker() {
    return broker;
  }

  /// What somebody knows who connects as this user.
  Settings settings(String named, KafkaUser user) {
    Map<String, String> settings = new HashMap<>(broker.environment(named, user));
    settings.put("NEXUS_REDIS_URL", redis.url());
    settings.put("NEXUS_DATA_DIR", directory.resolve("data").toString());
    settings.put("NEXUS_HTTP_PORT", "0");
    settings.put("NEXUS_GRPC_PORT", "0");
    return Settings.of(settings);
  }

  @Override
  public void close() throws Exception {
    services.close();
    model.close();
    redis.close();
    broker.close();
    ChildPlatform.deleteTree(directory);
  }
}
