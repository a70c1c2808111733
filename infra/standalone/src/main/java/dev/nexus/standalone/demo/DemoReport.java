package dev.nexus.standalone.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.event.task.Tier;
import dev.nexus.standalone.demo.ExecutionLedger.Totals;
import dev.nexus.standalone.demo.OracleLedger.Candidates;
import dev.nexus.standalone.demo.OracleLedger.Now;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The figures of a run, all folded from the log.
///
/// @param model what the model answered to callers, also where code declined
/// @param code what code answered
/// @param now who serves at the end and where the evidence stands
/// @param projected what the projections say
/// @param eventsByTopic events on each topic that has any
record DemoReport(
    Totals totals,
    Served model,
    Served code,
    Candidates candidates,
    Now now,
    ProjectedFigures projected,
    Map<String, Long> eventsByTopic,
    String modelBehaviour,
    Duration wall) {
  /// Longest time of the whole demonstration on two cores that do nothing else.
  static final Duration EXPECTED = Duration.ofSeconds(90);

  static DemoReport of(
      ExecutionLedger executions,
      OracleLedger oracle,
      ProjectedFigures projected,
      Map<String, Long> eventsByTopic,
      String modelBehaviour,
      Duration wall) {
    return new DemoReport(
        executions.totals(),
        executions.served(Tier.MODEL),
        executions.served(Tier.CODE),
        oracle.candidates(),
        oracle.now(),
        projected,
        eventsByTopic,
        modelBehaviour,
        wall);
  }

  /// Where the projections say otherwise; empty is what must be.
  List<String> differences() {
    return projected.differences(this);
  }

  /// Whether the demonstration took longer than it may on a machine that does nothing else.
  boolean slow() {
    return wall.compareTo(EXPECTED) > 0;
  }

  /// Share of answers that code gave.
  double servedByCode() {
    long answers = model.count() + code.count();
    return answers == 0 ? 0 : (double) code.count() / answers;
  }

  long tokensSpent() {
    return totals.spent().tokens();
  }

  /// What the model would have used for the answers that code gave, at the mean of the answers it
  /// did give. Audits are among what was spent.
  long tokensSaved() {
    return perModelAnswer(totals.modelAnswers().tokens());
  }

  long costSavedMicros() {
    return perModelAnswer(totals.modelAnswers().costMicros());
  }

  private long perModelAnswer(long amount) {
    return model.count() == 0 ? 0 : Math.round((double) amount / model.count() * code.count());
  }

  /// The machine-readable form; its field names are a contract.
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("requests", totals.requests()).put("failed", totals.failed());
    json.put("servedByCode", rounded(servedByCode()));
    ObjectNode tiers = json.putObject("tiers");
    put(tiers.putObject("model"), model);
    put(tiers.putObject("code"), code);
    json.putObject("candidates")
        .put("proposed", candidates.proposed())
        .put("rejected", candidates.rejected())
        .put("promoted", candidates.promoted())
        .put("demoted", candidates.demoted());
    json.putObject("tokens").put("spent", tokensSpent()).put("saved", tokensSaved());
    json.put("wallSeconds", wall.toMillis() / 1000.0);
    json.putObject("costMicros")
        .put("spent", totals.spent().costMicros())
        .put("saved", costSavedMicros())
        .put("audits", totals.audits().usage().costMicros())
        .put("oracle", totals.oracle().costMicros());
    json.put("deopts", totals.deopts()).put("failedAttempts", totals.failedAttempts());
    json.put("audits", totals.audits().count());
    json.put("stage", now.stage().name());
    now.verdict().ifPresent(verdict -> put(json.putObject("evidence"), verdict));
    ObjectNode events = json.putObject("events");
    eventsByTopic.forEach(events::put);
    ArrayNode differing = json.putArray("projectionsDiffer");
    differences().forEach(differing::add);
    json.put("model", modelBehaviour);
    return json;
  }

  private static void put(ObjectNode json, Served served) {
    json.put("count", served.count())
        .put("p50Ms", served.p50Ms())
        .put("p99Ms", served.p99Ms())
        .put("accuracy", rounded(served.accuracy()))
        .put("judged", served.judged());
  }

  private static void put(ObjectNode json, Verdict verdict) {
    json.put("comparisons", verdict.comparisons())
        .put("disagreements", verdict.disagreements())
        .put("logE", rounded(verdict.logE()))
        .put("threshold", rounded(StoryLines.threshold(verdict)))
        .put("deopts", verdict.deopts());
  }

  private static double rounded(double value) {
    return Math.round(value * 10_000) / 10_000.0;
  }
}
