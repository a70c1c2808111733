package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.RunFile;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `events` and its export, which go past the API: by what a platform says it runs with, whatever
/// the shell says that asks.
class LogVerbsIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {}

  /// Leaves what a platform with these settings leaves, as if it were this process.
  private void runs(Settings settings) {
    Addresses addresses =
        new Addresses(
            "http://127.0.0.1:1",
            "",
            settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
            settings.text(Setting.KAFKA_TOPIC_PREFIX),
            false,
            0);
    RunFile.ofThisProcess("test", Instant.now(), addresses, settings).write(directory);
  }

  private Outcome run(Map<String, String> shell, String... arguments) {
    Map<String, String> environment = new HashMap<>(shell);
    environment.put("NEXUS_DATA_DIR", directory.toString());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Verbs.run(
            new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment),
            arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  @Test
  void shouldReadTheTopicsOfThePlatformThatRuns() throws Exception {
    // Given a platform whose topics have a prefix
    Settings platform = BROKER.settings(Map.of());
    assertThat(platform.text(Setting.KAFKA_TOPIC_PREFIX)).isNotEmpty();
    runs(platform);
    KafkaClients clients = BROKER.clients();
    try (var writer = clients.producer("test")) {
      byte[] value = "{\"type\": \"com.example.letter\"}".getBytes(StandardCharsets.UTF_8);
      writer.send(new ProducerRecord<>(clients.name(Topic.INGRESS), "k", value)).get();
    }
    Map<String, String> elsewhere =
        Map.of(
            "NEXUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
            "NEXUS_KAFKA_TOPIC_PREFIX", "mine.");
    String file = directory.resolve("lines.jsonl").toString();

    // When
    Outcome plain = run(Map.of(), "events", "ingress");
    Outcome other = run(elsewhere, "events", "ingress");
    Outcome exported = run(Map.of(), "events", "export", "logs", "--format", "jsonl", "-o", file);

    // Then
    assertThat(plain.out()).contains("com.example.letter");
    assertThat(plain.err()).isEmpty();
    assertThat(other.out()).isEqualTo(plain.out());
    assertThat(other.err().lines())
        .hasSize(2)
        .allMatch(
            line -> line.startsWith("note: this reads the platform that runs on " + directory))
        .anyMatch(line -> line.contains("and not '127.0.0.1:1' as here; --data names another"))
        .anyMatch(line -> line.contains("NEXUS_KAFKA_TOPIC_PREFIX is '"));
    assertThat(exported.code()).as(exported.err()).isZero();
    assertThat(exported.out()).startsWith(file + ": 0 rows");
  }

  @Test
  void shouldRefuseATopicThatIsNotThere() {
    // Given
    Settings without = BROKER.settings(Map.of()).with(Setting.KAFKA_TOPIC_PREFIX, "nobody.");
    runs(without);
    List<List<String>> commands =
        List.of(
            List.of("events", "executions"),
            List.of("events", "export", "executions", "-o", directory + "/executions.parquet"));

    for (List<String> command : commands) {
      // When
      Outcome refused = run(Map.of(), new ArrayList<>(command).toArray(String[]::new));

      // Then
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err())
          .isEqualToIgnoringNewLines(
              "nexus: the brokers at "
                  + BROKER.bootstrapServers()
                  + " have no topic nobody.nexus.executions: start Nexus to create it, or correct"
                  + " NEXUS_KAFKA_TOPIC_PREFIX");
    }
    assertThat(directory).isDirectoryNotContaining("glob:**.parquet*");
  }
}
