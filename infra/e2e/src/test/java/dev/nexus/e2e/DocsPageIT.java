package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.topic.Topic;
import dev.nexus.wire.SchemaCatalog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The page under `/docs` as a person has it: in a browser, which holds it to the policy that comes
/// with it.
@NeedsTool({"node", "npm", "chromium|chromium-browser|google-chrome"})
class DocsPageIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static JsonNode seen;

  @BeforeAll
  static void open() throws Exception {
    platform.apply("lab");
    String asked =
        JsonNodeFactory.instance
            .objectNode()
            .put("url", platform.url() + "/docs")
            .put("key", platform.operatorKey())
            .put("tried", "/v1/apps")
            .toString();
    seen = CanonicalJson.read(NodeProgram.install("browser").run("page.mjs", asked));
  }

  @Test
  void shouldShowEveryCall() {
    // When
    JsonNode document = PlatformExtension.json(platform.get("/docs/openapi.json"), 200);
    // Then
    List<String> calls = new ArrayList<>();
    document
        .path("paths")
        .forEachEntry(
            (path, methods) ->
                methods.forEachEntry(
                    (method, _) -> calls.add(method.toUpperCase(Locale.ROOT) + " " + path)));
    assertThat(texts(seen.path("calls"))).containsExactlyInAnyOrderElementsOf(calls);
    Set<String> tags = new TreeSet<>();
    document.path("tags").forEach(tag -> tags.add(tag.path("name").asText()));
    assertThat(texts(seen.path("tags"))).containsExactlyInAnyOrderElementsOf(tags);
    assertThat(seen.path("faults").asInt()).as("faults that Swagger UI shows").isZero();
  }

  @Test
  void shouldShowEveryTopicWithItsColumns() {
    Map<String, Integer> expected = new HashMap<>();
    for (Topic topic : Topic.values()) {
      expected.put(
          topic.topicName(),
          topic.hasSchema()
              ? SchemaCatalog.released().newest(topic).orElseThrow().schema().getFields().size()
              : 0);
    }
    Map<String, Integer> shown = new HashMap<>();
    seen.path("topics")
        .forEach(topic -> shown.put(topic.path("name").asText(), topic.path("columns").asInt()));
    assertThat(shown).isEqualTo(expected);
  }

  @Test
  void shouldMakeTheCallThatIsTried() {
    assertThat(seen.at("/answer/status").asText()).isEqualTo("200");
    assertThat(seen.at("/answer/shown").asText()).contains("\"lab\"");
  }

  @Test
  void shouldKeepToItsPolicy() {
    assertThat(texts(seen.path("refused"))).isEmpty();
    assertThat(texts(seen.path("failures"))).isEmpty();
    assertThat(seen.path("noticed").asBoolean())
        .as("a style that is not allowed is noticed")
        .isTrue();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(one -> texts.add(one.asText()));
    return texts;
  }
}
