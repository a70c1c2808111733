package dev.nexus.oracle.topology;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.task.FailureClass;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import java.util.Locale;
import java.util.Optional;

/// How an execution of the system application ended.
sealed interface SystemAnswer {

  record Output(Json output) implements SystemAnswer {}

  /// @param byCode whether the code that was run is to blame
  record Failure(String detail, boolean byCode) implements SystemAnswer {}

  /// The answer that a fact gives; empty when it ends nothing.
  static Optional<SystemAnswer> of(ExecutionEvent fact) {
    return switch (fact) {
      case ExecutionSucceeded(var output, _) -> Optional.of(new Output(output));
      case ExecutionFailed(var failure, var detail) ->
          Optional.of(
              new Failure(
                  failure.name().toLowerCase(Locale.ROOT) + ": " + detail, blamesCode(failure)));
      case ExecutionCancelled(var reason) ->
          Optional.of(new Failure("cancelled: " + reason, false));
      case ExecutionTimedOut(var deadline) ->
          Optional.of(new Failure("no answer by " + deadline, false));
      case ExecutionQuarantined(var reason, _) ->
          Optional.of(new Failure("quarantined: " + reason, false));
      case ExecutionEvent.ExecutionAccepted _,
          ExecutionEvent.CallerJoined _,
          ExecutionEvent.StepStarted _,
          ExecutionEvent.TaskRequested _,
          ExecutionEvent.TaskStarted _,
          ExecutionEvent.TaskSucceeded _,
          ExecutionEvent.TaskFailed _,
          ExecutionEvent.TaskDeoptimised _,
          ExecutionEvent.TruthReported _,
          ExecutionEvent.RecordParked _,
          ExecutionEvent.TurnTaken _,
          ExecutionEvent.TurnReturned _,
          ExecutionEvent.LineJoined _,
          ExecutionEvent.LineLeft _,
          ExecutionEvent.ExecutionReleased _ ->
          Optional.empty();
    };
  }

  private static boolean blamesCode(FailureClass failure) {
    return switch (failure) {
      case TIMEOUT, CRASH, MEMORY, OUTPUT, INVALID_RESULT, PERMISSION -> true;
      case RATE_LIMITED, UPSTREAM, UNREACHABLE, CIRCUIT_OPEN, LOST, REFUSED, INVALID_DEFINITION ->
          false;
    };
  }

  /// What a trial run showed of the code; empty when it showed nothing.
  default Optional<CodeAnswer> ofTrial() {
    return switch (this) {
      case Failure(var detail, var byCode) ->
          byCode ? Optional.of(new CodeAnswer.Failed(detail)) : Optional.empty();
      case Output(var output) -> {
        JsonNode body = CanonicalJson.read(output);
        yield switch (body.path("status").asText()) {
          case "result" ->
              Optional.of(
                  new CodeAnswer.Answered(new Json(CanonicalJson.write(body.path("output")))));
          case "deopt" -> Optional.of(new CodeAnswer.Declined(body.path("reason").asText()));
          case "error" -> Optional.of(new CodeAnswer.Failed(body.path("detail").asText()));
          default -> Optional.empty();
        };
      }
    };
  }
}
