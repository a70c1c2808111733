package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.projector.Story;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the oracle decided, as queries answer it.
class OracleQueryIT {
  private static final EventCodec<PromotionEvent> PROMOTIONS =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);
  private static final EventCodec<RouteEvent> ROUTES =
      EventCodec.of(Topic.ROUTES, RouteEvent.class);
  private static final EventCodec<EvidenceEvent> EVIDENCE =
      EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class);

  private static final Subject SUBJECT = new Subject("classify", "identity");
  private static final Candidate FIRST = new Candidate(1, "hash-1");
  private static final Candidate SECOND = new Candidate(2, NameIds.sha256("code"));
  private static final String LARGE = "// " + "x".repeat(20_000);

  @RegisterExtension
  static final ServedProjector served =
      ServedProjector.on(BrokerExtension.ofClass(), RedisExtension.empty());

  @BeforeAll
  static void begin() {
    decide("triage", new CandidateProposed(SUBJECT, FIRST, LARGE, List.of()));
    decide("triage", new CandidateRejected(SUBJECT, FIRST, verdict(40, 4), "E < 0.1", List.of()));
    decide("triage", new CandidateProposed(SUBJECT, SECOND, "code", List.of()));
    decide("triage", new CandidatePromoted(SUBJECT, SECOND, verdict(105, 0)));
    decide("other", new CandidateProposed(SUBJECT, FIRST, "code", List.of()));
    count("triage", verdict(110, 0));
    var route = new RouteSet(SUBJECT, Stage.PROMOTED, SECOND, "code", 1000, 0, 20, "salt");
    String key = Keys.component(Story.TENANT, "triage", "classify");
    served.producer().send(ROUTES, key, event("route", "triage", (RouteEvent) route)).join();
    Eventually.holds(
        () -> {
          JsonNode triage = json("/v1/oracle/triage/classify");
          assertThat(triage.path("history")).hasSize(4);
          assertThat(triage.path("route").path("codePermille").asInt()).isEqualTo(1000);
          assertThat(triage.path("verdict").path("comparisons").asInt()).isEqualTo(110);
          assertThat(triage.at("/verdict/forInformation/low").asDouble(-1)).isZero();
          assertThat(triage.at("/verdict/forInformation/high").asDouble()).isBetween(0.03, 0.04);
          assertThat(json("/v1/oracle/other/classify").path("history")).hasSize(1);
        });
  }

  private static Verdict verdict(long comparisons, long disagreements) {
    return new Verdict(comparisons, disagreements, 3.5, 0.05, 0.05, 0);
  }

  private static <E> Event<E> event(String name, String app, E body) {
    return new Event<>(
        Envelope.of(
            NameIds.uuid5(name, app, body.toString()),
            Story.BEGIN,
            Story.TENANT,
            app,
            "service:oracle"),
        body);
  }

  private static void decide(String app, PromotionEvent decision) {
    String key = Keys.component(Story.TENANT, app, "classify");
    served.producer().send(PROMOTIONS, key, event("decision", app, decision)).join();
  }

  private static void count(String app, Verdict verdict) {
    EvidenceEvent counted =
        new ComparisonCounted(
            SUBJECT, SECOND, "print", "execution", Phase.SEALED, Result.AGREED, "truth", verdict);
    String key = Keys.component(Story.TENANT, app, "classify");
    served.producer().send(EVIDENCE, key, event("evidence", app, counted)).join();
  }

  private static JsonNode json(String path) {
    HttpResponse<String> answer = served.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return CanonicalJson.read(answer.body());
  }

  @Test
  void shouldTellWhereEveryComponentStandsThatTheKeyMayRead() {
    // Given
    String own = served.key("app:triage:read");
    Eventually.value(
        () -> served.get(own, "/v1/oracle").statusCode(), s -> s == 200, "a known key");
    // When
    JsonNode all = json("/v1/oracle").path("components");
    JsonNode some = CanonicalJson.read(served.get(own, "/v1/oracle").body()).path("components");
    // Then
    assertThat(all.findValuesAsText("app")).containsExactlyInAnyOrder("triage", "other");
    assertThat(some.findValuesAsText("app")).containsExactly("triage");
    JsonNode triage = some.get(0);
    assertThat(triage.path("stage").asText()).isEqualTo("PROMOTED");
    assertThat(triage.path("candidateNumber").asInt()).isEqualTo(2);
    assertThat(triage.path("candidates").toString())
        .isEqualTo("{\"proposed\":2,\"rejected\":1,\"promoted\":1,\"demoted\":0}");
  }

  @Test
  void shouldGiveTheReasonsAndWhereTheEvidenceIs() {
    // When
    JsonNode one = json("/v1/oracle/triage/classify");
    // Then
    assertThat(one.path("history").findValuesAsText("type"))
        .containsExactly(
            "CandidateProposed", "CandidateRejected", "CandidateProposed", "CandidatePromoted");
    assertThat(one.path("history").get(0).path("data").path("source").asText())
        .as("a source too large for Redis")
        .isEqualTo(LARGE);
    JsonNode evidence = one.path("evidence").get(0);
    assertThat(evidence.path("candidateHash").asText()).isEqualTo(SECOND.candidateHash());
    assertThat(evidence.path("location").path("untilOffset").asInt()).isPositive();
    assertThat(json("/v1/apps/triage/components/classify/promotion")).isEqualTo(one);
  }

  @Test
  void shouldAddUpTheCandidatesOfTheTenantAndOfAnApplication() {
    // When
    JsonNode all = json("/v1/summary").path("candidates");
    JsonNode triage = json("/v1/summary?app=triage").path("candidates");
    // Then
    assertThat(all.path("proposed").asInt()).isEqualTo(3);
    assertThat(triage.path("proposed").asInt()).isEqualTo(2);
    assertThat(triage.path("promoted").asInt()).isEqualTo(1);
  }

  @Test
  void shouldWaitForWhatATokenNamesOnEveryPath() {
    // Given
    Story written = Story.of("written").answeredByCode("classify", "1");
    Story never = Story.of("never").accepted("classify");
    served.write(written.facts());
    List<String> paths =
        List.of(
            "/v1/oracle",
            "/v1/oracle/triage/classify",
            "/v1/apps/triage/components/classify/promotion");
    for (String path : paths) {
      // When
      HttpResponse<String> shown =
          Eventually.value(
              () -> served.get(path + "?" + served.after(written)),
              answer -> answer.statusCode() != 504,
              "what was written");
      HttpResponse<String> wrong = served.get(path + "?after=abc.def");
      // Then
      assertThat(shown.statusCode()).as(path).isEqualTo(200);
      assertThat(wrong.statusCode()).as(path).isEqualTo(400);
    }
    // When: each of these waits for as long as it may, so they wait together
    List<CompletableFuture<HttpResponse<String>>> waiting =
        paths.stream()
            .map(path -> path + "?" + served.after(never))
            .map(
                path ->
                    CompletableFuture.supplyAsync(
                        () -> served.get(path), Thread::startVirtualThread))
            .toList();
    // Then
    for (var late : waiting) {
      assertThat(late.join().statusCode()).isEqualTo(504);
      assertThat(late.join().body()).contains("not-visible-yet");
    }
  }

  @Test
  void shouldRefuseWhoMayNotReadAndWhatNobodyKnows() {
    // Given
    String other = served.key("app:other:read");
    // Then
    Eventually.holds(
        () ->
            assertThat(served.get(other, "/v1/oracle/triage/classify").statusCode())
                .isEqualTo(403));
    assertThat(served.get("/v1/oracle/nobody/classify").statusCode()).isEqualTo(404);
  }
}
