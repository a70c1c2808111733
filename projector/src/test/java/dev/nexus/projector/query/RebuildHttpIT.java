package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.projector.Story;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Verification and rebuild as an operator asks for them, and what callers notice of a rebuild.
class RebuildHttpIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @RegisterExtension
  static final ServedProjector served =
      ServedProjector.on(BrokerExtension.ofClass(), RedisExtension.empty());

  /// Asks for it for as long as it takes until it is visible.
  private static HttpResponse<String> shown(Story story) {
    return Eventually.value(
        () -> served.get("/v1/executions/" + story.id() + "?" + served.after(story)),
        answer -> answer.statusCode() != 504,
        "the execution");
  }

  /// Executions of `triage`, so many at a time.
  private static JsonNode listed(String cursor) {
    HttpResponse<String> answer = served.get("/v1/executions?app=triage&limit=50" + cursor);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return CanonicalJson.read(answer.body());
  }

  private static List<String> ids(JsonNode list) {
    return list.path("executions").findValuesAsText("executionId");
  }

  private static JsonNode status() {
    return CanonicalJson.read(served.get("/v1/projections/rebuild").body());
  }

  @Test
  void shouldKeepStreamsTokensAndCursorsGoodThroughASwitch() throws Exception {
    // Given
    served.writer().writeStories("before", 500);
    Story known = Story.of("known", "switching", Story.BEGIN).answeredByModel("c", "1");
    served.write(known.facts());
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
        served.listen("/v1/stream?app=switching&type=ExecutionSucceeded", "")) {
      assertThat(listening.awaitStatus()).isEqualTo(200);
      listening.awaitEvent("open");
      // When
      assertThat(served.post("/v1/projections/rebuild?projections=executions").statusCode())
          .isEqualTo(202);
      String state = "running";
      int asked = 0;
      while (state.equals("running") || asked < 20) {
        Story story = Story.of("s" + asked++, "switching", Story.BEGIN).answeredByModel("c", "1");
        served.write(story.facts());
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
    served.writer().writeStories("verified", 50);
    // When
    try (Listening listening = served.listen("/v1/projections/verify?projections=executions", "")) {
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
    String reader = served.key("app:*:read");
    Eventually.value(
        () -> served.get(reader, "/v1/oracle").statusCode(), s -> s == 200, "a known key");
    // When
    HttpResponse<String> unknown = served.post("/v1/projections/rebuild?projections=execution");
    // Then
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("executions");
    HttpResponse<String> misspelt = served.post("/v1/projections/rebuild?projection=executions");
    assertThat(misspelt.statusCode()).isEqualTo(400);
    assertThat(misspelt.body()).contains("expected projections; did you mean projections?");
    assertThat(served.post(reader, "/v1/projections/rebuild").statusCode()).isEqualTo(403);
    for (String path : List.of("/v1/projections/rebuild", "/v1/projections/verify")) {
      assertThat(served.get(reader, path).statusCode()).isEqualTo(403);
    }
  }
}
