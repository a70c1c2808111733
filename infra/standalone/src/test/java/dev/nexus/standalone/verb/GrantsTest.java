package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantsTest {
  private static final Map<String, String> BROKERS =
      Map.of("NEXUS_KAFKA_BOOTSTRAP_SERVERS", "localhost:1");

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Map<String, String> environment, String... arguments) {
    return Verbs.run(
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment),
        arguments);
  }

  @Test
  void shouldPrintWhatEachNeedsWithoutBrokers() {
    // When
    int code = run(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "shop."), "grants");

    // Then
    assertThat(code).isZero();
    assertThat(out.toString().lines())
        .anyMatch(line -> line.matches("PRINCIPAL +MAY +ON"))
        .anyMatch(line -> line.matches("User:nexus-projector +Read +topic shop.nexus.routes"))
        .anyMatch(
            line ->
                line.matches(
                    "User:nexus-sandbox-executor +Describe AlterConfigs Read +group"
                        + " shop.nexus-lane-[*]"))
        .anyMatch(line -> line.matches("User:nexus-operator +Describe DescribeConfigs +cluster"))
        .anyMatch(line -> line.matches("User:nexus-operator +Read +group shop.nexus-operator-[*]"))
        .noneMatch(line -> line.contains("nexus-platform"));
  }

  @Test
  void shouldPrintLinesForKafkasOwnTool() {
    // When
    int code = run(BROKERS, "grants", "integration", "--principals", "x-", "--as", "kafka-acls");

    // Then
    assertThat(code).isZero();
    assertThat(out.toString())
        .isEqualToIgnoringNewLines(
            "kafka-acls.sh --bootstrap-server localhost:1 --command-config admin.properties --add"
                + " --allow-principal User:x-integration --operation Write --topic nexus.ingress");
  }

  @Test
  void shouldPrintJson() {
    // When
    int code = run(Map.of(), "grants", "integration", "--json");

    // Then
    assertThat(code).isZero();
    assertThat(CanonicalJson.read(out.toString()))
        .isEqualTo(
            CanonicalJson.read(
                """
                {"grants": [{"user": "integration", "principal": "User:nexus-integration",
                  "operation": "Write", "resource": "topic", "pattern": "literal",
                  "name": "nexus.ingress"}]}
                """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "grants projectr | no user projectr; did you mean projector?",
        "grants --as acls | --as: table or kafka-acls expected, found 'acls'",
        "doctor --as projectr | no user projectr; did you mean projector?"
      })
  void shouldSayWhatNobodyKnows(String arguments, String said) {
    // When
    int code = run(Map.of(), arguments.split(" "));
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains(said);
  }

  @Test
  void shouldSayThatBrokersMustBeNamedToGrant() {
    // When
    int code = run(Map.of(), "grants", "apply");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("NEXUS_KAFKA_BOOTSTRAP_SERVERS is not set");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nexus-projector secret | line 2: expected NAME=PASSWORD",
        "nexus-projector= | line 2: expected NAME=PASSWORD",
        "=secret | line 2: expected NAME=PASSWORD",
        "nexus-operator=secret | line 2: is of none of nexus-projector"
      })
  void shouldNameTheLineOfAPasswordAndNotThePassword(String line, String said) throws IOException {
    // Given
    Path file = Files.writeString(directory.resolve("users"), "# of the services\n" + line + "\n");
    // When
    int code = run(BROKERS, "grants", "apply", "projector", "--passwords", file.toString());
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains(said).doesNotContain("secret");
  }
}
