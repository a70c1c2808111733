package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.projector.Running;
import dev.nexus.projector.Story;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Verification and rebuild as an operator asks for them, and what callers notice of a rebuild.
class RebuildHttpIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();
  @TempDir static Path data;

  private static Platform platform;
  private static Running writer;
  private static String operator;

  @BeforeAll
  static void begin() {
    platform = new Platform(broker, redis, data);
    writer = new Running(broker.clients(), redis.client(), 1_000);
    operator = platform.key("operator");
    Eventually.value(
        () -> platform.get(operator, "/v1/summary").statusCode(), s -> s == 200, "a known key");
  }

  @AfterAll
  static void end() {
    writer.close();
    platform.close();
  }

  private static String after(Story story) {
    Tokens tokens = platform.context().getBean(Tokens.class);
    return "after="
        + tokens.sign(new Visible.ExecutionAt(Story.TENANT, story.id(), story.facts().size()));
  }

  /// Asks for it for as long as it takes until it is visible.
  private static HttpResponse<String> shown(Story story) {
    return Eventually.value(
        () -> platform.get(operator, "/v1/executions/" + story.id() + "?" + after(story)),
        answer -> answer.statusCode() != 504,
        "the execution");
  }

  private static HttpResponse<String> post(String key, String path) {
    return platform.send(
        platform.request(key, path).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  /// Executions of `triage`, so many at a time.
  private static JsonNode listed(String cursor) {
    HttpResponse<String> answer =
        platform.get(operator, "/v1/executions?app=triage&limit=50" + cursor);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return CanonicalJson.read(answer.body());
  }

  private static List<String> ids(JsonNode list) {
    return list.path("executions").findValuesAsText("executionId");
  }

  private static JsonNode status() {
    return CanonicalJson.read(platform.get(operator, "/v1/projections/rebuild").body());
  }

  @Test
  void shouldKeepStreamsTokensAndCursorsGoodThroughASwitch() throws Exception {
    // Given
    writer.writeStories("before", 500);
    Story known = Story.of("known", "switching", Story.BEGIN).answeredByModel("c", "1");
    writer.write(known.facts());
    assertThat(shown(known).statusCode()).isEqualTo(200);
    List<String> second =
        IntStream.range(0, 50)
            .mapToObj(i -> Story.of("before" + (449 - i)).id().toString())
            .toList();
    String cursor =
        Eventually.value(
            () -> listed("").path("cursor").asText(),
            next -> ids(listed("&cursor=" + next)).equals(second),
            "the second page");
    try (Listening listening =
        new Listening(platform, operator, "/v1/stream?app=switching&type=ExecutionSucceeded", "")) {
      assertThat(listening.awaitStatus()).isEqualTo(200);
      listening.awaitEvent("open");
      // When
      assertThat(post(operator, "/v1/projections/rebuild?projections=executions").statusCode())
          .isEqualTo(202);
      String state = "running";
      int asked = 0;
      while (state.equals("running") || asked < 20) {
        Story story = Story.of("s" + asked++, "switching", Story.BEGIN).answeredByModel("c", "1");
        writer.write(story.facts());
        HttpResponse<String> answer = shown(story);
        // Then
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("SUCCEEDED");
        assertThat(listening.awaitEvent("ExecutionSucceeded")).contains(story.id().toString());
        state = status().path("state").asText();
      }
      assertThat(state).isIn("sweeping", "done");
    }
    JsonNode ended =
        Eventually.value(
            PATIENCE, () -> status(), s -> s.path("state").asText().equals("done"), "the end");
    assertThat(ended.path("projections").get(0).path("switched").asInt()).isEqualTo(4);
    assertThat(ids(listed("&cursor=" + cursor))).isEqualTo(second);
  }

  @Test
  void shouldTellHowAVerificationGoesAndEnds() throws Exception {
    // Given
    writer.writeStories("verified", 50);
    // When
    try (Listening listening =
        new Listening(platform, operator, "/v1/projections/verify?projections=executions", "")) {
      // Then
      assertThat(listening.awaitStatus()).isEqualTo(200);
      JsonNode done = CanonicalJson.read(listening.awaitEvent("done"));
      assertThat(done.path("equal").asBoolean()).as(done.toString()).isTrue();
      assertThat(done.path("partitions").asInt()).isEqualTo(4);
    }
  }

  @Test
  void shouldRefuseNamesThatDoNotExistAndKeysThatMayNot() {
    // Given
    String reader = platform.key("app:*:read");
    Eventually.value(
        () -> platform.get(reader, "/v1/oracle").statusCode(), s -> s == 200, "a known key");
    // When
    HttpResponse<String> unknown = post(operator, "/v1/projections/rebuild?projections=execution");
    // Then
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("executions");
    HttpResponse<String> misspelt = post(operator, "/v1/projections/rebuild?projection=executions");
    assertThat(misspelt.statusCode()).isEqualTo(400);
    assertThat(misspelt.body()).contains("expected projections; did you mean projections?");
    assertThat(post(reader, "/v1/projections/rebuild").statusCode()).isEqualTo(403);
    for (String path : List.of("/v1/projections/rebuild", "/v1/projections/verify")) {
      assertThat(platform.get(reader, path).statusCode()).isEqualTo(403);
    }
  }
}
