package dev.nexus.readers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.rig.SecuredBroker;
import dev.nexus.rig.Shell;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Brokers that ask for a user are read as the operator, with what `docs/analytics.md` says to add,
/// and with what that user is granted. Routers write transactions on them.
class SecuredReadersIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.secured();

  private static final int CALLS = 20;
  private static final String USER = SecuredBroker.NAMED + KafkaUser.OPERATOR.userName();
  private static final String PASSWORD = SecuredBroker.password(USER);

  @TempDir Path directory;

  @BeforeAll
  static void call() {
    Traffic.call(platform, CALLS);
  }

  @Test
  void shouldReadTablesWithFlink() throws Exception {
    // Given
    String user = Examples.named("flink secured").getFirst();
    assertThat(user).contains("username=\"" + USER + "\"", "password=\"PASSWORD\"");
    var flink =
        new FlinkTables(
            platform.broker().bootstrapServers(),
            platform.url(),
            user.replace("PASSWORD", PASSWORD));

    // Then each call is in the one table
    List<Row> latency = flink.ofGreet("flink latency");
    assertThat(FlinkTables.sum(latency, "calls")).isEqualTo(CALLS);

    // And in the other each task, once it is measured
    Eventually.value(() -> Traffic.measured(platform), all -> all == CALLS, "all are measured");
    assertThat(FlinkTables.sum(flink.ofGreet("flink cost"), "tasks")).isEqualTo(CALLS);
  }

  @Test
  @NeedsTool("kcat|kafkacat")
  void shouldReadKeysAndHeadersWithKcat() throws Exception {
    String command = here(Examples.shell("sasl.username=" + USER));
    assertThat(command)
        .as("a list of processes shows arguments")
        .doesNotContain("-X sasl.password", "-X 'sasl.password", "-X \"sasl.password");
    if (kcatCannotProveItself()) {
      assertThatThrownBy(() -> shell().paste(command)).hasMessageContaining("invalid credentials");
      return;
    }
    Eventually.holds(
        () -> {
          // Given
          List<KeyAndHeaders> log = KeyAndHeaders.onLog(operator(), Topic.EXECUTIONS);
          // When
          String printed = shell().paste(command);
          // Then
          assertThat(KeyAndHeaders.printed(printed))
              .hasSizeGreaterThan(CALLS)
              .containsExactlyInAnyOrderElementsOf(log);
        });
  }

  /// Whether it is built on a librdkafka before 2.6.1, which Kafka 4 refuses, as the page says.
  private boolean kcatCannotProveItself() throws Exception {
    String told = shell().paste("kcat -V");
    Matcher version = Pattern.compile("librdkafka (\\d+\\.\\d+\\.\\d+)").matcher(told);
    assertThat(version.find()).as(told).isTrue();
    return Version.parse(version.group(1)).compareTo(Version.parse("2.6.1")) < 0;
  }

  @Test
  void shouldExportWithTheVariablesOfTheShell() throws Exception {
    // Given what the lines of the page set
    String export = "./nexus events export executions";
    String lines = here(Examples.shell("export NEXUS_KAFKA_"));
    assertThat(lines).contains(export);
    Map<String, String> environment =
        shell()
            .paste(lines.replace(export, "env"))
            .lines()
            .filter(line -> line.startsWith("NEXUS_KAFKA_"))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf('=')),
                    line -> line.substring(line.indexOf('=') + 1)));
    Eventually.holds(
        () -> {
          int log = KeyAndHeaders.onLog(operator(), Topic.EXECUTIONS).size();
          // When
          long rows = export(environment);
          // Then
          assertThat(rows).isGreaterThan(CALLS).isEqualTo(log);
        });
  }

  /// Number of rows in the file.
  private long export(Map<String, String> environment) {
    var out = new StringWriter();
    var err = new StringWriter();
    var terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), environment);
    String file = directory.resolve("executions.parquet").toString();
    String nowhere = directory.resolve("data").toString();
    int code =
        Verbs.run(
            terminal,
            "events",
            "export",
            "executions",
            "--data",
            nowhere,
            "-o",
            file,
            "--force",
            "--json");
    assertThat(code).as(err.toString()).isZero();
    return CanonicalJson.read(out.toString()).path("rows").asLong();
  }

  private static KafkaClients operator() {
    return platform.broker().clients(SecuredBroker.NAMED, KafkaUser.OPERATOR);
  }

  /// The page's brokers are those of Docker Compose.
  private static String here(String commands) {
    assertThat(commands).contains("127.0.0.1:9094");
    return commands.replace("127.0.0.1:9094", platform.broker().bootstrapServers());
  }

  /// Where Docker Compose has its passwords as the page says.
  private Shell shell() throws IOException {
    Path compose = Files.createDirectories(directory.resolve("infra/compose"));
    Files.writeString(compose.resolve(".env"), "KAFKA_OPERATOR_PASSWORD=" + PASSWORD + "\n");
    return new Shell(directory, Map.of());
  }
}
