package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.task.Tier;
import dev.nexus.projector.Story;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class QueryIT {
  @RegisterExtension
  static final ServedProjector served =
      ServedProjector.on(BrokerExtension.ofClass(), RedisExtension.empty());

  /// Asks for as long as it takes until what a token names is visible.
  private static HttpResponse<String> shown(String path) {
    return Eventually.value(
        () -> served.get(path), a -> a.statusCode() != 504, path + " is visible");
  }

  private static JsonNode json(String path) {
    HttpResponse<String> answer = shown(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return CanonicalJson.read(answer.body());
  }

  @Test
  void shouldShowAnExecutionWithItsFactsOnceItsTokenIsVisible() {
    // Given
    Story story = Story.of("shown").answeredByModel("classify", "{\"a\":1}").truth("{\"a\":1}");
    served.write(story.facts());
    // When
    JsonNode answer = json("/v1/executions/" + story.id() + "?" + served.after(story));
    // Then
    assertThat(answer.path("status").asText()).isEqualTo("SUCCEEDED");
    assertThat(answer.path("output").path("a").asInt()).isEqualTo(1);
    assertThat(answer.path("agreesWithTruth").asBoolean()).isTrue();
    assertThat(answer.path("latencyMs").asLong()).isEqualTo(50);
    assertThat(answer.path("facts").findValuesAsText("type"))
        .containsExactly(
            "ExecutionAccepted",
            "StepStarted",
            "TaskRequested",
            "TaskStarted",
            "TaskSucceeded",
            "ExecutionSucceeded",
            "TruthReported");
    assertThat(answer.path("facts").get(0).path("data").path("input").path("n").asInt()).isOne();
    assertThat(answer.path("facts").get(1).path("data").has("routeOffset")).isFalse();
    assertThat(answer.path("facts").get(0).path("position").path("offset").isNumber()).isTrue();
  }

  @Test
  void shouldReadALargeFactBackFromTheLog() {
    // Given
    String large = "{\"text\":\"" + "x".repeat(40_000) + "\"}";
    Story story = Story.of("large").answeredByModel("classify", large);
    served.write(story.facts());
    // When
    JsonNode answer = json("/v1/executions/" + story.id() + "?" + served.after(story));
    // Then
    assertThat(answer.path("facts").get(5).path("data").path("output").path("text").asText())
        .hasSize(40_000);
  }

  @Test
  void shouldWaitUntilWhatWasWrittenIsVisible() throws Exception {
    // Given
    Story story = Story.of("waited").accepted("classify");
    String path =
        "/v1/executions/"
            + story.id()
            + "?"
            + served.after(Story.of("waited").answeredByModel("classify", "1"));
    BlockingQueue<HttpResponse<String>> answers = new LinkedBlockingQueue<>();
    Thread.ofVirtual().start(() -> answers.add(shown(path)));
    // When
    served.write(story.facts());
    assertThat(answers.poll(300, TimeUnit.MILLISECONDS)).isNull();
    story.step(Tier.MODEL).worked(dev.nexus.event.task.Usage.NONE, "1");
    served.write(story.succeeded(Tier.MODEL, "1").facts());
    // Then
    HttpResponse<String> answer = answers.poll(2, TimeUnit.MINUTES);
    assertThat(answer).isNotNull();
    assertThat(CanonicalJson.read(answer.body()).path("sequence").asInt()).isEqualTo(6);
  }

  @Test
  void shouldSayHowFarBehindItIsWhenWaitingTakesTooLong() {
    // Given
    Story never = Story.of("never").accepted("classify");
    // When
    HttpResponse<String> answer =
        served.get("/v1/executions/" + never.id() + "?" + served.after(never));
    // Then
    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(answer.body()).contains("not-visible-yet").contains("\"lag\":\"0\"");
  }

  @Test
  void shouldRefuseATokenOfNobody() {
    HttpResponse<String> answer = served.get("/v1/executions?after=abc.def");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("invalid-parameter");
  }

  @Test
  void shouldSayThatAnExecutionIsUnknown() {
    HttpResponse<String> answer = served.get("/v1/executions/" + Story.of("unknown").id());
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("unknown-execution");
    HttpResponse<String> none = served.get("/v1/executions/x");
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.body())
        .contains("no execution 'x': its id is a UUID, as the invocation answered");
  }

  @Test
  void shouldRefuseWhoMayNotReadTheApplication() {
    // Given
    Story story = Story.of("secret").answeredByModel("classify", "1");
    served.write(story.facts());
    String path = "/v1/executions/" + story.id() + "?" + served.after(story);
    String other = served.key("app:other:read");
    String own = served.key("app:triage:read");
    // Then
    Eventually.holds(() -> assertThat(served.get(own, path).statusCode()).isEqualTo(200));
    Eventually.holds(() -> assertThat(served.get(other, path).statusCode()).isEqualTo(403));
    assertThat(served.get(own, "/v1/executions").statusCode()).isEqualTo(403);
    assertThat(served.get(own, "/v1/executions?app=triage").statusCode()).isEqualTo(200);
    assertThat(served.get("nothing", path).statusCode()).isEqualTo(401);
  }

  @Test
  void shouldListExecutionsNewestFirstPageByPage() {
    // Given
    List<String> expected = new ArrayList<>();
    Story last = Story.of("none");
    for (int i = 0; i < 25; i++) {
      last = Story.of("listed" + i, "listing", Story.BEGIN.plusSeconds(i / 2));
      served.write(
          (i % 5 == 0 ? last.accepted("a").failed() : last.answeredByCode("a", "1")).facts());
      expected.addFirst(last.id().toString());
    }
    json("/v1/executions?app=listing&" + served.after(last));
    // When
    List<String> found = new ArrayList<>();
    String cursor = "";
    for (int page = 0; page < 5; page++) {
      JsonNode answer = json("/v1/executions?app=listing&component=a&limit=7" + cursor);
      found.addAll(answer.path("executions").findValuesAsText("executionId"));
      cursor = "&cursor=" + answer.path("cursor").asText();
      if (!answer.has("cursor")) {
        break;
      }
    }
    // Then
    assertThat(found).hasSize(25).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(found.subList(0, 1)).containsExactly(expected.getFirst());
    assertThat(json("/v1/executions?app=listing&status=failed").path("executions")).hasSize(5);
    assertThat(json("/v1/executions?app=listing&status=waiting").path("executions")).isEmpty();
    HttpResponse<String> app = served.get("/v1/executions?app=listng");
    assertThat(app.statusCode()).isEqualTo(404);
    assertThat(app.body()).contains("no application 'listng'; did you mean listing");
    HttpResponse<String> component = served.get("/v1/executions?app=listing&component=b");
    assertThat(component.statusCode()).isEqualTo(404);
    assertThat(component.body()).contains("no component 'b'; did you mean a?");
    assertThat(served.get("/v1/executions?status=lost").statusCode()).isEqualTo(400);
    assertThat(served.get("/v1/executions?limit=abc").statusCode()).isEqualTo(400);
    assertThat(served.get("/v1/executions?limit=0").statusCode()).isEqualTo(400);
  }

  @Test
  void shouldGiveStatisticsOfAComponent() {
    // Given
    Story one = Story.of("s1", "stats", Story.BEGIN).answeredByModel("c", "1").truth("1");
    Story two = Story.of("s2", "stats", Story.BEGIN).answeredByCode("c", "1").truth("2");
    served.write(one.facts());
    served.write(two.facts());
    json("/v1/executions?" + served.after(one));
    // When
    JsonNode answer = json("/v1/apps/stats/components/c/stats?" + served.after(two));
    // Then
    assertThat(answer.path("accepted").asInt()).isEqualTo(2);
    assertThat(answer.path("servedByCode").asDouble()).isEqualTo(0.5);
    assertThat(answer.path("tiers").path("MODEL").path("accuracy").asDouble()).isEqualTo(1);
    assertThat(answer.path("tiers").path("CODE").path("accuracy").asDouble()).isZero();
    assertThat(answer.path("tokens").path("saved").asInt()).isEqualTo(120);
    assertThat(served.get("/v1/apps/no/components/c/stats").statusCode()).isEqualTo(404);
  }

  @Test
  void shouldSumUpTheTenant() {
    // Given
    Story story = Story.of("sum", "summed", Story.BEGIN).answeredByModel("c", "1");
    served.write(story.facts());
    // When
    JsonNode answer = json("/v1/summary?app=summed&" + served.after(story));
    // Then
    assertThat(answer.path("requests").asInt()).isEqualTo(1);
    assertThat(answer.path("tiers").path("model").path("count").asInt()).isEqualTo(1);
    assertThat(answer.path("tokens").path("spent").asInt()).isEqualTo(120);
    assertThat(answer.path("topics").path("nexus.executions").asLong()).isPositive();
  }

  @Test
  void shouldNotSumUpAnApplicationThatThereIsNot() {
    // Given
    Story story = Story.of("there", "totalled", Story.BEGIN).answeredByModel("c", "1");
    served.write(story.facts());
    json("/v1/summary?app=totalled&" + served.after(story));
    // When
    HttpResponse<String> misspelt = served.get("/v1/summary?app=totaled");
    // Then
    assertThat(misspelt.statusCode()).isEqualTo(404);
    assertThat(misspelt.body())
        .contains("unknown-application", "no application 'totaled'; did you mean totalled");
    assertThat(served.get("/v1/summary").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldStreamFactsAndGoOnWhereAListenerLeft() throws Exception {
    // Given
    Story before = Story.of("before", "streamed", Story.BEGIN).answeredByCode("c", "1");
    served.write(before.facts());
    json("/v1/executions/" + before.id() + "?" + served.after(before));
    try (Listening listening = served.listen("/v1/stream?app=streamed&component=c", "")) {
      listening.awaitEvent("open");
      Story story = Story.of("live", "streamed", Story.BEGIN).answeredByCode("c", "1");
      Story other = Story.of("live2", "streamed", Story.BEGIN).answeredByCode("d", "1");
      served.write(other.facts());
      served.write(story.facts());
      // Then
      assertThat(listening.awaitEvent("ExecutionAccepted")).contains(story.id().toString());
      String id = listening.lastId();
      listening.awaitEvent("ExecutionSucceeded");
      // Who goes on amid an execution has the projections asked what it is of.
      json("/v1/executions/" + story.id() + "?" + served.after(story));
      // When
      try (Listening again = served.listen("/v1/stream?app=streamed&component=c", id)) {
        // Then
        assertThat(again.awaitEvent("StepStarted")).contains(story.id().toString());
        again.awaitEvent("ExecutionSucceeded");
        served.write(Story.of("live3", "streamed", Story.BEGIN).answeredByCode("c", "1").facts());
        again.awaitEvent("ExecutionAccepted");
        again.awaitEvent("ExecutionSucceeded");
      }
    }
  }
}
