package dev.nexus.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/// A broker that asks for a user (SASL/SCRAM), and lets nobody do what is not granted (ACLs). What
/// users may do is granted by `grants apply`; what they were refused is in the `RefusalLog`.
public final class SecuredBroker implements AutoCloseable {
  /// What the names of an installation's users begin with.
  public static final String NAMED = "nexus-";

  private static final String ADMIN = "admin";

  private final Path directory;
  private final EmbeddedBroker broker;

  private SecuredBroker(Path directory, EmbeddedBroker broker) {
    this.directory = directory;
    this.broker = broker;
  }

  /// Starts one that has no users but its administrator.
  public static SecuredBroker start() throws IOException {
    Path directory = Files.createTempDirectory("nexus-secured-broker");
    try {
      return new SecuredBroker(
          directory, EmbeddedBroker.startWith(directory.resolve("kafka"), secured()));
    } catch (RuntimeException e) {
      try {
        ChildPlatform.deleteTree(directory);
      } catch (IOException kept) {
        e.addSuppressed(kept);
      }
      throw e;
    }
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

  /// Of the user of this name: `nexus-operator`.
  public static String password(String name) {
    return "of=" + name;
  }

  public String bootstrapServers() {
    return broker.bootstrapServers();
  }

  /// The environment of somebody who connects as this user.
  ///
  /// @param named what the user's name begins with
  public Map<String, String> environment(String named, KafkaUser user) {
    return environment("SCRAM-SHA-512", jaas("scram.Scram", named + user.userName()));
  }

  private Map<String, String> administrator() {
    return environment("PLAIN", jaas("plain.Plain", ADMIN));
  }

  private Map<String, String> environment(String mechanism, String jaas) {
    return Map.of(
        "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
        broker.bootstrapServers(),
        "NEXUS_KAFKA_SECURITY_PROTOCOL",
        "SASL_PLAINTEXT",
        "NEXUS_KAFKA_SASL_MECHANISM",
        mechanism,
        "NEXUS_KAFKA_SASL_JAAS_CONFIG",
        jaas);
  }

  public KafkaClients clients(String named, KafkaUser user) {
    return new KafkaClients(Settings.of(environment(named, user)));
  }

  /// An administrator's.
  public Admin admin() {
    return new KafkaClients(Settings.of(administrator())).admin();
  }

  /// How an administrator connects, as Kafka's own tools read it.
  public Path connection() throws IOException {
    return Files.write(
        directory.resolve("admin.properties"),
        Settings.of(administrator()).kafkaProperties().entrySet().stream()
            .map(property -> property.getKey() + "=" + property.getValue())
            .toList());
  }

  /// Grants users theirs and gives them passwords; returns when they can connect.
  ///
  /// @param named what their names begin with
  public void grant(String named, KafkaUser... users) throws IOException {
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
  public String grants(String... words) {
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
  public void close() throws IOException {
    try {
      broker.close();
    } finally {
      ChildPlatform.deleteTree(directory);
    }
  }
}
