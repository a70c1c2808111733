package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.ApiClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.topic.Topic;
import dev.nexus.wire.SchemaCatalog;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The description of the topics and the page under `/docs`, read without a key.
class TopicDocsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final DocumentedClient HTTP = ApiClients.client();
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"(/docs/[^\"]+)\"");

  private static HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create(platform.url() + path);
    return HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @Test
  @NeedsTool({"node", "npm"})
  void shouldBeFoundRightByTheParserOfAsyncApi() throws Exception {
    // Given
    NodeProgram parser = NodeProgram.install("asyncapi");
    // When
    JsonNode found = CanonicalJson.read(parser.run("check.mjs", get("/docs/asyncapi.json").body()));
    // Then
    assertThat(found.path("errors").asInt()).as(found.toString()).isZero();
    List<String> channels = new ArrayList<>();
    found.path("channels").forEach(channel -> channels.add(channel.asText()));
    assertThat(channels)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Topic.values()).map(Topic::topicName).toList());
  }

  @Test
  void shouldDescribeEachTopicWithItsColumns() throws Exception {
    // When
    JsonNode document = CanonicalJson.read(get("/docs/asyncapi.json").body());
    // Then
    for (Topic topic : Topic.values()) {
      JsonNode channel =
          document.path("channels").path(topic.topicName().substring("nexus.".length()));
      assertThat(channel.path("description").asText()).as("%s", topic).isEqualTo(topic.about());
      if (topic.hasSchema()) {
        JsonNode message = document.path("components").path("messages").path(topic.schemaName());
        assertThat(message.path("payload").path("schema"))
            .isEqualTo(
                CanonicalJson.read(
                    SchemaCatalog.released().newest(topic).orElseThrow().schema().toString()));
      }
    }
    assertThat(document.at("/servers/kafka/bindings/kafka/schemaRegistryUrl").asText())
        .isEqualTo(platform.url() + "/registry");
  }

  @Test
  void shouldGiveThePageAndAllItNames() throws Exception {
    // When
    HttpResponse<String> page = get("/docs");
    // Then
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'self'");
    List<String> links = LINK.matcher(page.body()).results().map(link -> link.group(1)).toList();
    assertThat(links)
        .containsExactlyInAnyOrder(
            "/docs/openapi.json",
            "/docs/asyncapi.json",
            "/docs/files/swagger-ui.css",
            "/docs/files/swagger-ui-bundle.js",
            "/docs/files/docs.css",
            "/docs/files/docs.js");
    for (String link : links) {
      assertThat(get(link).statusCode()).as(link).isEqualTo(200);
    }
    assertThat(get("/docs/files/secret.txt").statusCode()).isEqualTo(404);
    assertThat(get("/docs/files/..%2Findex.html").statusCode()).isEqualTo(404);
  }
}
