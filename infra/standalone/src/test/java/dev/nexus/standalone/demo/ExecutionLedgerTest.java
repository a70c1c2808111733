package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.standalone.demo.ExecutionLedger.Declined;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ExecutionLedgerTest {
  private static final String APP = "webhook-triage";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Usage MODEL = new Usage("scripted-model", 90, 10, 500, 1, Duration.ZERO);
  private static final ReplyAddress NOBODY = ReplyAddress.NOBODY;
  private static final Json INPUT =
      new Json(
          """
          {"event": "issues", "payload": {"repository": {"full_name": "octo/hello"}}}
          """);

  private final ExecutionLedger ledger = new ExecutionLedger(APP);

  @Test
  void shouldJudgeAnswersByTheTruth() {
    // Given
    answer("a", Tier.MODEL, 400, "{\"x\": 1, \"y\": 2}");
    answer("b", Tier.MODEL, 600, "{\"x\": 2}");
    answer("c", Tier.CODE, 3, "{\"x\": 3}");
    answer("d", Tier.CODE, 5, "{\"x\": 4}");

    // When
    fact("a", 9, 999, new TruthReported(new Json("{\"y\":2,\"x\":1}")));
    fact("b", 9, 999, new TruthReported(new Json("{\"x\":1}")));
    fact("c", 9, 999, new TruthReported(new Json("{\"x\":3}")));

    // Then
    assertThat(ledger.served(Tier.MODEL)).isEqualTo(new Served(2, 400, 600, 2, 1));
    assertThat(ledger.served(Tier.CODE)).isEqualTo(new Served(2, 3, 5, 1, 1));
    assertThat(ledger.totals().requests()).isEqualTo(4);
  }

  @Test
  void shouldCountFailuresOnlyUntilAnythingIsAnswered() {
    // When
    fact("a", 1, 0, accepted());
    fact("a", 2, 5, new ExecutionFailed(FailureClass.REFUSED, "status 401"));
    // Then
    assertThat(ledger.failedBeforeAnyAnswer()).isEqualTo(1);
    assertThat(ledger.lastFailure()).isEqualTo("status 401");
    // When
    answer("b", Tier.MODEL, 400, "{}");
    // Then
    assertThat(ledger.failedBeforeAnyAnswer()).isZero();
  }

  @Test
  void shouldCountAFactOnce() {
    answer("a", Tier.MODEL, 400, "{}");
    answer("a", Tier.MODEL, 400, "{}");

    assertThat(ledger.totals().requests()).isEqualTo(1);
    assertThat(ledger.totals().spent().modelCalls()).isEqualTo(1);
  }

  @Test
  void shouldKeepAuditsAndTheOraclesOwnWorkApart() {
    answer("a", Tier.MODEL, 400, "{}");
    fact("a", 8, 500, new TaskSucceeded(new TaskKey(1, Role.AUDIT, 1), "i", Json.NULL, MODEL));
    apply(
        ExecutionLedger.ORACLE_APP,
        "s",
        1,
        10,
        new TaskSucceeded(new TaskKey(1, Role.SERVE, 1), "i", Json.NULL, MODEL));
    apply("other", "o", 1, 10, new ExecutionFailed(FailureClass.CRASH, "not ours"));

    var totals = ledger.totals();

    assertThat(totals.audits().count()).isEqualTo(1);
    assertThat(totals.audits().usage().modelCalls()).isEqualTo(1);
    assertThat(totals.oracle().costMicros()).isEqualTo(500);
    assertThat(totals.spent().promptTokens()).isEqualTo(270);
    assertThat(totals.modelAnswers().promptTokens()).isEqualTo(90);
    assertThat(totals.failed()).isZero();
  }

  @Test
  void shouldCountDeoptsOfServingCodeOnly() {
    fact("a", 1, 0, accepted());
    fact("a", 2, 1, new TaskDeoptimised(new TaskKey(1, Role.SERVE, 1), "i", "r", Usage.NONE));
    fact("a", 3, 1, new TaskDeoptimised(new TaskKey(1, Role.SHADOW, 1), "i", "r", Usage.NONE));

    assertThat(ledger.totals().deopts()).isEqualTo(1);
  }

  @Test
  void shouldTellOfTheFirstInputThatEachCandidateDeclined() {
    for (String name : List.of("a", "b", "c")) {
      String hash = name.equals("c") ? "second" : "first";
      fact(name, 1, 0, accepted());
      fact(name, 2, 0, new StepStarted(1, Tier.CODE, "identity", hash, 7, false));
      fact(name, 3, 1, new TaskDeoptimised(new TaskKey(1, Role.SERVE, 1), "i", name, Usage.NONE));
    }

    assertThat(ledger.firstDeclined(0))
        .containsExactly(
            new Declined("first", "issues in octo/hello", "a"),
            new Declined("second", "issues in octo/hello", "c"));
    assertThat(ledger.firstDeclined(2)).isEmpty();
    assertThat(StoryLines.declined(2, ledger.firstDeclined(1).getFirst()))
        .contains("candidate 2 declines", "issues in octo/hello (c)");
  }

  @Test
  void shouldCountWhatCodeServedSinceTheLastDecisionAboutWhoServes() {
    for (String name : List.of("a", "b", "c")) {
      long route = name.equals("a") ? 7 : 8;
      fact(name, 1, 0, accepted());
      fact(name, 2, 0, new StepStarted(1, Tier.CODE, "identity", "hash", route, false));
      fact(name, 3, 1, new ExecutionSucceeded(new Json("{}"), Tier.CODE));
    }

    assertThat(ledger.servedOnNewestRoute()).isEqualTo(2);
  }

  @Test
  void shouldTellWhoWaitsHowItEnded() {
    var good = ledger.completion(id("a"));
    var bad = ledger.completion(id("b"));

    answer("a", Tier.CODE, 1, "{}");
    fact("b", 1, 0, accepted());
    fact("b", 2, 1, new ExecutionFailed(FailureClass.CRASH, "broken"));

    assertThat(good).isCompletedWithValue(true);
    assertThat(bad).isCompletedWithValue(false);
    assertThat(ledger.completion(id("a"))).isCompletedWithValue(true);
    assertThat(ledger.totals().failed()).isEqualTo(1);
  }

  @Test
  void shouldShowWhatACandidateMadeOfAnInputInItsTrialRun() {
    // Given
    fact("a", 1, 0, accepted());
    fact("a", 2, 1, new TruthReported(new Json("{\"scope\": \"user\", \"action\": \"x\"}")));
    String code = "function handle(input) {}";
    Json run = CanonicalJson.toJson(Map.of("source", code, "input", CanonicalJson.read(INPUT)));
    var trial = new ExecutionAccepted("evaluate", "d", run, "b", START, NOBODY, "oracle");
    String answer =
        "{\"status\":\"result\",\"output\":{\"scope\":\"organization\",\"action\":\"x\"}}";

    // When
    apply(ExecutionLedger.ORACLE_APP, "t", 1, 10, trial);
    apply(
        ExecutionLedger.ORACLE_APP,
        "t",
        2,
        10,
        new ExecutionSucceeded(new Json(answer), Tier.BUILTIN));

    // Then
    String fingerprint = CanonicalJson.fingerprint(INPUT);
    assertThat(ledger.counterexample(id("a"), NameIds.sha256(code), fingerprint))
        .isEqualTo(
            "issues in octo/hello (execution "
                + id("a")
                + "): code said scope=organization, right is user");
    assertThat(ledger.counterexample(id("a"), "other code", fingerprint))
        .isEqualTo("issues in octo/hello (execution " + id("a") + ")");
    assertThat(ledger.counterexample("unknown", "", "")).isEqualTo("execution unknown");
  }

  @Test
  void shouldReportTheFieldsOthersDependOn() {
    // Given
    answer("a", Tier.MODEL, 400, "{}");
    answer("b", Tier.CODE, 4, "{}");
    answer("c", Tier.CODE, 4, "{}");
    fact("a", 9, 999, new TruthReported(new Json("{}")));
    var oracle = new OracleLedger(APP, "triage");

    // When
    var report =
        DemoReport.of(
            ledger,
            oracle,
            ProjectedFigures.of(
                CanonicalJson.read(
                    """
                    {"requests": 3, "failed": 0, "declined": 2, "audits": 1, "tokens": {"spent": 100, "saved": 200},
                     "costMicros": {"spent": 499},
                     "tiers": {"model": {"count": 1, "accuracy": 1}, "code": {"count": 1}}}
                    """)),
            Map.of("nexus.executions", 9L),
            "model",
            Duration.ofMillis(1500));
    var json = report.toJson();

    // Then
    assertThat(json.path("requests").asInt()).isEqualTo(3);
    assertThat(json.path("failed").asInt(-1)).isZero();
    assertThat(json.path("servedByCode").asDouble()).isEqualTo(0.6667);
    assertThat(json.at("/tiers/model/p50Ms").asInt()).isEqualTo(400);
    assertThat(json.at("/tiers/model/accuracy").asDouble()).isEqualTo(1);
    assertThat(json.at("/tiers/code/count").asInt()).isEqualTo(2);
    assertThat(json.at("/candidates/proposed").isNumber()).isTrue();
    assertThat(json.at("/tokens/spent").asInt()).isEqualTo(100);
    assertThat(json.at("/tokens/saved").asInt()).isEqualTo(200);
    assertThat(json.path("wallSeconds").asDouble()).isEqualTo(1.5);
    assertThat(String.join("\n", Summary.lines(report)))
        .contains(
            "The model: model.",
            "the projections in Redis differ: served by code 2 in the log, 1 projected, inputs"
                + " declined 0 in the log, 2 projected, audits 0 in the log, 1 projected,"
                + " cost 500 in the log, 499 projected.")
        .doesNotContain("longer than");
  }

  @Test
  void shouldSayWhenItTookTooLong() {
    var report =
        DemoReport.of(
            ledger,
            new OracleLedger(APP, "triage"),
            new ProjectedFigures(Map.of(), "HTTP 503"),
            Map.of(),
            "model",
            Duration.ofSeconds(91));

    assertThat(String.join("\n", Summary.lines(report)))
        .contains("longer than the 90 s", "the projections in Redis differ: HTTP 503.");
  }

  private void answer(String name, Tier tier, long millis, String output) {
    fact(name, 1, 0, accepted());
    Usage usage = tier == Tier.MODEL ? MODEL : Usage.NONE;
    fact(
        name,
        2,
        millis,
        new TaskSucceeded(new TaskKey(1, Role.SERVE, 1), "i", new Json(output), usage));
    fact(name, 3, millis, new ExecutionSucceeded(new Json(output), tier));
  }

  private static ExecutionAccepted accepted() {
    return new ExecutionAccepted("triage", "digest", INPUT, "body", START, NOBODY, "trigger");
  }

  private void fact(String name, long sequence, long millis, ExecutionEvent body) {
    apply(APP, name, sequence, millis, body);
  }

  private void apply(String app, String name, long sequence, long millis, ExecutionEvent body) {
    var envelope =
        new Envelope(
            NameIds.uuid5(name, String.valueOf(sequence)),
            START.plusMillis(millis),
            TenantId.DEFAULT,
            app,
            id(name),
            sequence,
            "",
            "",
            "",
            "",
            Position.NONE);
    ledger.apply(new Event<>(envelope, body));
  }

  private static String id(String name) {
    return new ExecutionId(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)))
        .toString();
  }
}
