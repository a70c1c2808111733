package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.projector.execution.ExecutionNames;
import dev.nexus.projector.execution.ExecutionStatus;
import dev.nexus.projector.execution.ExecutionView;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Single executions: their summary and their facts.
public final class ExecutionQueries {
  private static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final String END = ExecutionSucceeded.class.getSimpleName();
  private static final List<String> NUMBERS =
      List.of(
          "step",
          "tasks",
          "failedTasks",
          "deopts",
          "promptTokens",
          "completionTokens",
          "costMicros",
          "modelCalls");
  private static final List<String> TEXTS =
      List.of(
          "candidateHash",
          "identityDigest",
          "definitionDigest",
          "origin",
          "actor",
          "correlationId",
          "model",
          "failure",
          "reason",
          "deoptReason");

  private final ProjectionReads reads;
  private final KeptFacts facts;
  private final Progress progress;

  public ExecutionQueries(ProjectionReads reads, LogLookup log, Progress progress) {
    this.progress = progress;
    this.reads = reads;
    this.facts = new KeptFacts(log);
  }

  /// The summary of an execution; empty when it is not known, or no longer.
  Optional<ExecutionView> find(TenantId tenant, String executionId) {
    return Optional.of(
            reads.view(slot(tenant, executionId), ExecutionNames.summary(tenant, executionId)))
        .map(ExecutionView::new)
        .filter(ExecutionView::exists);
  }

  /// The component that a fact is about, "" when there is none; nothing while the projection has
  /// not come to the fact.
  ///
  /// @param offset of the fact in its partition
  public Optional<String> componentOf(Event<?> fact, long offset) {
    String id = fact.envelope().executionId();
    if (id.isEmpty()) {
      return Optional.of("");
    }
    TenantId tenant = fact.envelope().tenantId();
    boolean folded = progress.mark(slot(tenant, id)).filter(m -> m.next() > offset).isPresent();
    Optional<String> component = find(tenant, id).map(ExecutionView::component);
    return component.isEmpty() && folded ? Optional.of("") : component;
  }

  /// Its summary and, as `facts`, its facts in order. An output that is too long for a summary is
  /// that of the fact of its end, while the log has it.
  ObjectNode whole(TenantId tenant, String executionId, ExecutionView view) {
    Slot slot = slot(tenant, executionId);
    byte[] kept = reads.bytes(slot, ExecutionNames.facts(tenant, executionId));
    List<ObjectNode> all = facts.json(slot, CODEC, kept);
    ObjectNode json = summary(executionId, view);
    if (view.output().exists() && !json.has("output")) {
      all.stream()
          .filter(fact -> fact.path("type").asText().equals(END))
          .forEach(end -> json.set("output", end.at("/data/output")));
    }
    json.putArray("facts").addAll(all);
    return json;
  }

  /// Whether one of its facts has the content with this digest by reference.
  boolean names(TenantId tenant, String executionId, String sha256) {
    Slot slot = slot(tenant, executionId);
    byte[] kept = reads.bytes(slot, ExecutionNames.facts(tenant, executionId));
    return facts.name(slot, CODEC, kept, sha256);
  }

  private Slot slot(TenantId tenant, String executionId) {
    return reads.slotOf(Topic.EXECUTIONS, Keys.execution(tenant, ExecutionId.parse(executionId)));
  }

  static ObjectNode summary(String executionId, ExecutionView view) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("executionId", executionId);
    json.put("app", view.app());
    json.put("component", view.component());
    json.put("status", view.status().name());
    json.put("tier", view.tier());
    json.put("sequence", view.sequence());
    json.put("acceptedAt", Answers.time(view.acceptedAt()));
    if (view.finishedAt() > 0) {
      json.put("finishedAt", Answers.time(view.finishedAt()));
      json.put("latencyMs", view.finishedAt() - view.beganAt());
    }
    if (!view.line().isEmpty()) {
      json.put("line", view.line());
      if (view.beganAt() > view.acceptedAt()) {
        json.put("beganAt", Answers.time(view.beganAt()));
      }
    }
    if (view.status() == ExecutionStatus.WAITING) {
      json.put("reason", "waits until those before it in its line have ended: " + view.line());
    }
    NUMBERS.forEach(name -> json.put(name, view.number(name)));
    Map<String, String> fields = view.fields();
    TEXTS.stream().filter(fields::containsKey).forEach(name -> json.put(name, view.text(name)));
    if (!view.output().text().isEmpty()) {
      json.set("output", EventJson.embedded(new Json(view.output().text())));
    }
    if (view.output().exists() && view.truth().exists()) {
      json.put("agreesWithTruth", view.output().agreesWith(view.truth()));
    }
    return json;
  }
}
