package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/// A broker that lets nobody do what is not granted, and the services beside it, each a process
/// with a user of its own. What these may do was granted by `grants apply`.
final class SecuredSite implements AutoCloseable {
  /// What the names of the services' users begin with.
  static final String NAMED = "nexus-";

  private static final String ADMIN = "admin";

  private final Path directory;
  private final EmbeddedBroker broker;
  private final EmbeddedRedis redis;
  private final ScriptedModel model;
  private final ServicesApart services;

  SecuredSite() throws Exception {
    directory = Files.createTempDirectory("nexus-secured");
    broker = EmbeddedBroker.startWith(directory.resolve("kafka"), secured());
    redis = EmbeddedRedis.start(directory.resolve("redis"));
    model =
        ScriptedModel.builder()
            .behaviour(Behaviour.flawless(7).withMedianLatency(Duration.ofMillis(20)))
            .script(SecuredSite::givingBack)
            .start();
    grant(NAMED, KafkaUser.values());
    new TopicTable(clients(NAMED, KafkaUser.COMMAND_SERVICE), FaultRig.SPREAD, false).create();
    services = startServices();
  }

  /// The listener of the embedded broker asks for a user. Its own connections are those of the
  /// administrator, but for those to the controller, whose listener nobody else knows.
  private static Map<String, String> secured() {
    Map<String, String> settings = new HashMap<>();
    settings.put("listener.security.protocol.map", "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512");
    settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
    settings.put(
        "listener.name.plaintext.plain.sasl.jaas.config",
        jaas("plain.Plain", ADMIN).replace(";", " user_admin=\"" + password(ADMIN) + "\";"));
    settings.put(
        "listener.name.plaintext.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    settings.put("authorizer.class.name", RefusalLog.class.getName());
    settings.put("super.users", "User:" + ADMIN + ";User:ANONYMOUS");
    settings.put("allow.everyone.if.no.acl.found", "false");
    return settings;
  }

  private static String jaas(String module, String name) {
    return "org.apache.kafka.common.security."
        + module
        + "LoginModule required username=\"%s\" password=\"%s\";".formatted(name, password(name));
  }

  private static String password(String name) {
    return "of=" + name;
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
        service -> scram(NAMED + KafkaUser.named(service.module()).orElseThrow().userName()));
  }

  private static Map<String, String> scram(String name) {
    return Map.of(
        "NEXUS_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT",
        "NEXUS_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512",
        "NEXUS_KAFKA_SASL_JAAS_CONFIG", jaas("scram.Scram", name));
  }

  private Map<String, String> administrator() {
    return Map.of(
        "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
        broker.bootstrapServers(),
        "NEXUS_KAFKA_SECURITY_PROTOCOL",
        "SASL_PLAINTEXT",
        "NEXUS_KAFKA_SASL_MECHANISM",
        "PLAIN",
        "NEXUS_KAFKA_SASL_JAAS_CONFIG",
        jaas("plain.Plain", ADMIN));
  }

  ServicesApart services() {
    return services;
  }

  String bootstrapServers() {
    return broker.bootstrapServers();
  }

  /// An administrator's.
  Admin admin() {
    return new KafkaClients(Settings.of(administrator())).admin();
  }

  /// How an administrator connects, as Kafka's own tools read it.
  Path connection() throws IOException {
    return Files.write(
        directory.resolve("admin.properties"),
        Settings.of(administrator()).kafkaProperties().entrySet().stream()
            .map(property -> property.getKey() + "=" + property.getValue())
            .toList());
  }

  /// What somebody knows who connects as this user.
  Settings settings(String named, KafkaUser user) {
    Map<String, String> settings = new HashMap<>(scram(named + user.userName()));
    settings.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers());
    settings.put("NEXUS_REDIS_URL", redis.url());
    settings.put("NEXUS_DATA_DIR", directory.resolve("data").toString());
    settings.put("NEXUS_HTTP_PORT", "0");
    settings.put("NEXUS_GRPC_PORT", "0");
    return Settings.of(settings);
  }

  KafkaClients clients(String named, KafkaUser user) {
    return new KafkaClients(settings(named, user));
  }

  /// Grants users theirs and gives them passwords; returns when they can connect.
  ///
  /// @param named what their names begin with
  void grant(String named, KafkaUser... users) throws IOException {
    List<String> names = Arrays.stream(users).map(KafkaUser::userName).toList();
    Path passwords =
        Files.write(
            directory.resolve(named + "users"),
            names.stream().map(name -> named + name + "=" + password(named + name)).toList());
    List<String> words = new ArrayList<>(List.of("apply", "--principals", named));
    words.addAll(List.of("--passwords", passwords.toString()));
    words.addAll(names);
    assertThat(grants(words.toArray(String[]::new))).doesNotContain(password(named));
    for (KafkaUser user : users) {
      Eventually.holds(
          () -> {
            try (Admin admin = clients(named, user).admin()) {
              assertThatCode(() -> admin.describeCluster().clusterId().get())
                  .doesNotThrowAnyException();
            }
          });
    }
  }

  /// What `grants` prints for an administrator.
  String grants(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("grants"));
    all.addAll(Arrays.asList(words));
    var terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), administrator());
    int code = Verbs.run(terminal, all.toArray(String[]::new));
    assertThat(code).as(err.toString()).isZero();
    return out.toString();
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
