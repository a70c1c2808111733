package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The commands as a person gives them, about the platform of one directory.
final class Commands {
  static final String HELLO = "../samples/hello";

  private final Path directory;

  Commands(Path directory) {
    this.directory = directory;
  }

  record Outcome(int code, String out, String err) {
    JsonNode json() {
      return CanonicalJson.read(out);
    }
  }

  Outcome run(String... arguments) {
    return run(Map.of(), arguments);
  }

  /// @param more variables beside those of its directory, its ports and the PATH
  Outcome run(Map<String, String> more, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Verbs.run(
            new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment(more)),
            arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  Map<String, String> environment(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("NEXUS_DATA_DIR", directory.toString());
    environment.put("NEXUS_HTTP_PORT", "0");
    environment.put("NEXUS_GRPC_PORT", "0");
    environment.put("NEXUS_KAFKA_PORT", "0");
    environment.putIfAbsent("PATH", System.getenv("PATH"));
    return environment;
  }

  /// Starts a platform in the background, which must succeed.
  Outcome up(String... options) {
    return up(Map.of(), options);
  }

  /// The same, with more variables.
  Outcome up(Map<String, String> more, String... options) {
    List<String> arguments = new ArrayList<>(List.of("up", "--detach"));
    arguments.addAll(List.of(options));
    Outcome up = run(more, arguments.toArray(String[]::new));
    assertThat(up.code()).as("%s", up.err() + up.out()).isZero();
    return up;
  }

  /// The answer to a call of the sample that comes with Nexus.
  JsonNode invoke(String wait, String idempotencyKey) {
    Outcome outcome =
        run(
            "invoke",
            "hello",
            "greet",
            "--input",
            "{\"name\": \"Ada\"}",
            "--wait",
            wait,
            "--idempotency-key",
            idempotencyKey,
            "--json");
    assertThat(outcome.code()).as(outcome.out() + outcome.err()).isZero();
    return outcome.json();
  }

  /// The projections are what the log gives. A `verify` that fails prints no outcome.
  void assertVerified() {
    Outcome verified = run("verify", "--json");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.json().path("outcome").asText()).isEqualTo("equal");
  }

  /// What `doctor --json` found, by check.
  static Map<String, JsonNode> findings(Outcome doctor) {
    return findings(doctor.json());
  }

  /// The same of what it printed.
  static Map<String, JsonNode> findings(JsonNode doctor) {
    Map<String, JsonNode> findings = new HashMap<>();
    doctor.path("findings").forEach(f -> findings.put(f.path("check").asText(), f));
    return findings;
  }

  /// The verdicts of what it printed, by check.
  static Map<String, String> verdicts(JsonNode doctor) {
    Map<String, String> verdicts = new HashMap<>();
    findings(doctor).forEach((check, f) -> verdicts.put(check, f.path("verdict").asText()));
    return verdicts;
  }
}
