package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.event.promotion.Stage;
import dev.nexus.platform.docs.Shape;
import dev.nexus.projector.execution.ExecutionStatus;
import dev.nexus.projector.ingress.EventStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What queries answer, for their description; tests hold every answer to it.
final class AnswerShapes {
  private AnswerShapes() {}

  record Position(String topic, int partition, long offset) {}

  record Fact(
      @Doc("Its type; `Unavailable` when the log no longer has it.") String type,
      Optional<Instant> at,
      Optional<String> eventId,
      Optional<String> app,
      Optional<String> executionId,
      @Doc("Its number in the execution, from 1.") Optional<Long> sequence,
      Optional<String> actor,
      @Doc("What it says; its members depend on the type.") Optional<Map<String, JsonNode>> data,
      @Doc("Why it is not available.") Optional<String> reason,
      @Doc("Where it stands on the log.") Position position) {}

  record ExecutionSummary(
      String executionId,
      String app,
      String component,
      ExecutionStatus status,
      @Doc("What answered: `MODEL`, `CODE`, `BUILTIN`, or empty before that.") String tier,
      @Doc("Of its newest fact.") long sequence,
      Instant acceptedAt,
      Optional<Instant> finishedAt,
      Optional<Long> latencyMs,
      @Doc("The line it waits or waited in.") Optional<String> line,
      @Doc("When its turn came.") Optional<Instant> beganAt,
      long step,
      long tasks,
      long failedTasks,
      long deopts,
      long promptTokens,
      long completionTokens,
      long costMicros,
      long modelCalls,
      Optional<String> candidateHash,
      Optional<String> identityDigest,
      Optional<String> definitionDigest,
      Optional<String> origin,
      Optional<String> actor,
      @Doc("Of what an outside event started its `eventId`.") Optional<String> correlationId,
      Optional<String> model,
      Optional<String> failure,
      Optional<String> reason,
      Optional<String> deoptReason,
      @Doc("Any JSON; of a large content its reference.") Optional<JsonNode> output,
      Optional<Boolean> agreesWithTruth,
      @Doc("All its facts, where one execution was asked for.") Optional<List<Fact>> facts) {}

  record Executions(
      List<ExecutionSummary> executions, @Doc("Of the next page.") Optional<String> cursor) {}

  record Amount(long spent, @Doc("An estimate.") long saved) {}

  record TierStats(
      long count,
      long succeeded,
      long failed,
      long cancelled,
      long timedOut,
      double p50Ms,
      double p90Ms,
      double p95Ms,
      double p99Ms,
      double meanMs,
      @Doc("Answers of which the truth is known.") long compared,
      long agreed,
      Optional<Double> accuracy) {}

  record RoleStats(
      long tasks,
      long failedTasks,
      long deoptimisedTasks,
      long promptTokens,
      long completionTokens,
      long costMicros,
      long modelCalls,
      long workedMs) {}

  record Statistics(
      String app,
      String component,
      long accepted,
      @Doc("Share of answers that code gave.") double servedByCode,
      Map<String, TierStats> tiers,
      Map<String, RoleStats> roles,
      long deopts,
      long retries,
      long quarantined,
      @Doc("By kind.") Map<String, Long> failures,
      Amount tokens,
      Amount costMicros) {}

  record TierTotals(long count, double p50Ms, double p99Ms, Optional<Double> accuracy) {}

  record CandidateCounts(long proposed, long rejected, long promoted, long demoted) {}

  record PlatformSpending(long requests, Amount tokens, Amount costMicros) {}

  record Summary(
      long requests,
      long succeeded,
      long failed,
      long cancelled,
      double servedByCode,
      Map<String, TierTotals> tiers,
      long deopts,
      long declined,
      long audits,
      long failedAttempts,
      Amount tokens,
      Amount costMicros,
      CandidateCounts candidates,
      @Doc("Of the platform's own applications.") PlatformSpending system,
      @Doc("Log positions.") Map<String, Long> topics,
      @Doc("Records that the projection of executions is behind.") long lag,
      @Doc("The same of each projection.") Map<String, Long> lags) {}

  record Interval(String method, double confidence, double low, double high) {}

  record Verdict(
      long comparisons,
      long disagreements,
      long deopts,
      @Doc("Must reach `threshold`.") double logE,
      Optional<Double> threshold,
      double alpha,
      double epsilon,
      @Doc("Share of wrong answers; decides nothing.") Optional<Interval> forInformation) {}

  record Route(
      Stage stage,
      String identityDigest,
      String candidateHash,
      long codePermille,
      long shadowPermille,
      long auditPermille) {}

  record EvidencePlace(String topic, int partition, long fromOffset, long untilOffset) {}

  record Evidence(
      String identityDigest,
      int candidateNumber,
      String candidateHash,
      Verdict verdict,
      Map<String, Long> counted,
      EvidencePlace location) {}

  record ComponentStanding(
      String app,
      String component,
      Stage stage,
      Optional<String> identityDigest,
      Optional<Instant> changedAt,
      Optional<Long> candidateNumber,
      Optional<String> candidateHash,
      Optional<String> reason,
      Optional<Verdict> verdict,
      Optional<Route> route,
      CandidateCounts candidates,
      @Doc("Every decision, where one component was asked for.") Optional<List<Fact>> history,
      @Doc("For every candidate, where one component was asked for.")
          Optional<List<Evidence>> evidence) {}

  record Standings(List<ComponentStanding> components) {}

  record OutsideEvent(
      @Doc("`partition@offset` on `nexus.events`.") String place,
      @Shape(lower = true) EventStatus status,
      String source,
      @Doc("As its source gave it.") String id,
      String type,
      Optional<String> subject,
      Instant happenedAt,
      Instant acceptedAt,
      @Doc("That of the integration.") String app,
      String integration,
      String eventId,
      @Doc("Ids of the executions it started.") List<String> executions,
      Optional<List<String>> triggers,
      Optional<String> reason,
      @Doc("Place of the event that this one is a copy of.") Optional<String> first,
      @Doc("The event, where one was asked for.") Optional<Fact> event,
      @Doc("What was decided, where one was asked for.") Optional<Fact> verdict) {}

  record OutsideEvents(
      List<OutsideEvent> events,
      @Doc("Of the next page.") Optional<String> cursor,
      @Doc("Of all there ever were, by status.") Map<String, Long> counts,
      @Doc("Of an empty page: among which events there is none.") Optional<String> note) {}
}
