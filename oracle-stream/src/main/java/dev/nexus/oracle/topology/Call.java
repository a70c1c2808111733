package dev.nexus.oracle.topology;

import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.task.Tier;
import java.util.Optional;
import java.util.UUID;

/// What is known about one execution of a component: its place, who served it, what the model and
/// the code answered and what was right.
final class Call {
  /// What became of the code's attempt at the input.
  sealed interface CodeAnswer {
    record Answered(Json output) implements CodeAnswer {}

    record Declined(String reason) implements CodeAnswer {}

    record Failed(String detail) implements CodeAnswer {}
  }

  private final ComponentKey component;
  private final String execution;
  private final UUID accepted;
  private final String fingerprint;
  private final Position position;
  private Json input;
  private Optional<StepStarted> step = Optional.empty();
  private String shadowHash = "";
  private Optional<CodeAnswer> served = Optional.empty();
  private Optional<CodeAnswer> shadowed = Optional.empty();
  private Optional<Json> modelAnswer = Optional.empty();
  private Optional<Json> truth = Optional.empty();

  /// @param accepted id of the fact that it began with
  Call(ComponentKey component, String execution, UUID accepted, Json input, Position position) {
    this.component = component;
    this.execution = execution;
    this.accepted = accepted;
    this.input = input;
    this.fingerprint = CanonicalJson.fingerprint(input);
    this.position = position;
  }

  ComponentKey component() {
    return component;
  }

  String execution() {
    return execution;
  }

  UUID accepted() {
    return accepted;
  }

  String fingerprint() {
    return fingerprint;
  }

  /// Place of its input in nexus.executions.
  Position position() {
    return position;
  }

  /// Its input, handed over: a call of the past does not hold it.
  Json takeInput() {
    Json taken = input;
    input = Json.NULL;
    return taken;
  }

  /// Takes the choice of who serves; false when it was made before.
  boolean begin(StepStarted started) {
    boolean first = step.isEmpty();
    if (first) {
      step = Optional.of(started);
    }
    return first;
  }

  boolean servedByCode() {
    return step.isPresent() && step.get().tier() == Tier.CODE;
  }

  /// Hash of the code that was to serve it; "" when the model was.
  String servingHash() {
    return servedByCode() ? step.get().candidateHash() : "";
  }

  long routeOffset() {
    return step.map(StepStarted::routeOffset).orElse(-1L);
  }

  boolean audited() {
    return step.map(StepStarted::audited).orElse(false);
  }

  /// Hash of the code that ran beside the model; "" when none did.
  String shadowHash() {
    return shadowHash;
  }

  void shadowedBy(String candidateHash) {
    shadowHash = candidateHash;
  }

  Optional<CodeAnswer> served() {
    return served;
  }

  void served(CodeAnswer answer) {
    served = Optional.of(answer);
  }

  Optional<CodeAnswer> shadowed() {
    return shadowed;
  }

  void shadowed(CodeAnswer answer) {
    shadowed = Optional.of(answer);
  }

  void modelAnswered(Json output) {
    modelAnswer = Optional.of(output);
  }

  void truth(Json output) {
    truth = Optional.of(output);
  }

  /// The right answer by the component's own notion of it, when it is known.
  Optional<Json> right(Truth notion) {
    return switch (notion) {
      case REPORTED -> truth;
      case MODEL -> modelAnswer;
    };
  }

  /// What decides a comparison.
  enum Truth {
    REPORTED("truth"),
    MODEL("model");

    private final String decidedBy;

    Truth(String decidedBy) {
      this.decidedBy = decidedBy;
    }

    static Truth of(String definition) {
      return definition.equals("model") ? MODEL : REPORTED;
    }

    String decidedBy() {
      return decidedBy;
    }
  }
}
