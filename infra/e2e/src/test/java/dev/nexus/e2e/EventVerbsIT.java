package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `nexus integrations` and `nexus publish` as a person types them, against a platform that runs.
class EventVerbsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final String DEFINITION =
      """
      appId: post
      components:
        - {componentId: echo, handlerType: BUILTIN, taskDetails: {function: echo}}
      triggers:
        - {triggerId: letters, eventType: com.example.letter, source: "urn:post:letters", component: echo}
      """;

  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {
    JsonNode json() {
      return CanonicalJson.read(out);
    }
  }

  @BeforeAll
  static void apply() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", DEFINITION);
    platform.apply("post", body);
  }

  @Test
  void shouldRegisterASourceAndRunWhatItsEventsTrigger() throws Exception {
    // Given
    Outcome registered =
        run("integrations", "register", "post", "letters", "--source", "urn:post:letters");
    Path event = directory.resolve("event.json");
    Files.writeString(
        event,
        """
        {"id": "l-2", "type": "com.example.letter", "data": {"to": "Bob"}}
        """);

    // When
    Outcome published =
        run(
            "publish",
            "--source",
            "urn:post:letters",
            "--type",
            "com.example.letter",
            "--id",
            "l-1",
            "--payload",
            "{\"to\": \"Ada\"}");
    Outcome fromFile =
        run("publish", "--event", "@" + event, "--source", "urn:post:letters", "--json");

    // Then
    assertThat(registered).isEqualTo(new Outcome(0, "registered letters for urn:post:letters", ""));
    assertThat(published).isEqualTo(new Outcome(0, "accepted l-1 of urn:post:letters", ""));
    assertThat(fromFile.json().at("/accepted/0/id").asText())
        .as(fromFile.toString())
        .isEqualTo("l-2");
    Eventually.holds(
        () ->
            assertThat(
                    run("executions", "list", "--app", "post", "--status", "succeeded", "--json")
                        .json()
                        .path("executions"))
                .hasSize(2));
  }

  @Test
  void shouldSayWhichSourceWasMeant() {
    // Given
    run("integrations", "register", "post", "parcels", "--source", "urn:post:parcels");

    // When
    Outcome refused = run("publish", "--source", "urn:post:parcel", "--type", "t");

    // Then
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("the source is not registered")
        .contains("did you mean urn:post:parcels");
  }

  @Test
  void shouldSayWhoseASourceIsThatIsTaken() {
    // Given
    run("integrations", "register", "post", "crates", "--source", "urn:post:crates");

    // When
    Outcome refused =
        run("integrations", "register", "post", "boxes", "--source", "urn:post:crates");

    // Then
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("the source urn:post:crates belongs to integration crates of application post");
  }

  @Test
  void shouldListAndRemoveIntegrations() {
    // Given
    run(
        "integrations",
        "register",
        "post",
        "cards",
        "--source",
        "urn:post:cards",
        "--secret",
        "cards",
        "--format",
        "cloudevents");

    // When
    Outcome listed = run("integrations", "list", "post");
    Outcome removed = run("integrations", "remove", "post", "cards", "--json");
    Outcome again = run("integrations", "remove", "post", "cards");

    // Then
    assertThat(listed.out().lines().filter(line -> line.startsWith("cards")).findFirst())
        .hasValueSatisfying(
            line ->
                assertThat(line.split(" +"))
                    .containsExactly(
                        "cards", "urn:post:cards", "cloudevents", "cards", "/v1/hooks/cards"));
    assertThat(removed.json().path("result").asText()).isEqualTo("removed");
    assertThat(again.code()).isEqualTo(1);
  }

  private static Outcome run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        Verbs.run(
            new Terminal(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                Map.of("NEXUS_URL", platform.url(), "NEXUS_KEY", platform.operatorKey())),
            arguments);
    return new Outcome(code, out.toString().strip(), err.toString().strip());
  }
}
