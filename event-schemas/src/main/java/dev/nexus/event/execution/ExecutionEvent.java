package dev.nexus.event.execution;

import dev.nexus.event.Doc;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.time.Duration;
import java.time.Instant;

/// Facts about executions, on `nexus.executions`: the truth everything else is folded from.
public sealed interface ExecutionEvent {

  record ExecutionAccepted(
      @Doc("Component to run.") String component,
      @Doc("Digest of the application version that defines it.") String definitionDigest,
      @Doc("Input, JSON.") Json input,
      @Doc("SHA-256 of the input.") String bodyDigest,
      @Doc("When the execution times out.") Instant deadline,
      ReplyAddress replyTo,
      @Doc("Road it came by: http, grpc, mcp, trigger or oracle.") String origin,
      Line line)
      implements ExecutionEvent {
    /// One that waits for nobody.
    public ExecutionAccepted(
        String component,
        String definitionDigest,
        Json input,
        String bodyDigest,
        Instant deadline,
        ReplyAddress replyTo,
        String origin) {
      this(component, definitionDigest, input, bodyDigest, deadline, replyTo, origin, Line.NOBODY);
    }
  }

  /// Those before it in its line have ended: it begins.
  record TurnTaken(@Doc("When the execution times out.") Instant deadline)
      implements ExecutionEvent {}

  /// It was given a turn that it does not wait for, as when it has ended already.
  record TurnReturned(@Doc("Line whose turn it is about.") ExecutionId line)
      implements ExecutionEvent {}

  /// The same call was repeated by a caller that waits elsewhere; it gets the answer too.
  record CallerJoined(ReplyAddress replyTo) implements ExecutionEvent {}

  /// A step began, and who serves it was chosen.
  record StepStarted(
      @Doc("Step of the execution, from 1.") int step,
      @Doc("What answers: MODEL, CODE or BUILTIN.") Tier tier,
      @Doc("Identity of the component: prompt, model, schemas, comparator and truth.")
          String identityDigest,
      @Doc("Hash of the generated code chosen; absent for the definition itself.")
          String candidateHash,
      @Doc("Offset of the route it was chosen by; -1 when there was none.") long routeOffset,
      @Doc("Whether the model answers too, after code has served.") boolean audited)
      implements ExecutionEvent {}

  record TaskRequested(
      TaskKey task,
      @Doc("Lane of the task.") Lane lane,
      @Doc("Hash of the generated code to run; absent when the definition itself is run.")
          String candidateHash,
      @Doc("Asked for again when not started by then.") Instant startBy)
      implements ExecutionEvent {}

  record TaskStarted(
      TaskKey task,
      @Doc("Executor that does it.") String instance,
      @Doc("Time without a sign of life after which it is taken for lost, milliseconds.")
          Duration lease)
      implements ExecutionEvent {}

  record TaskSucceeded(
      TaskKey task,
      @Doc("Executor that did it.") String instance,
      @Doc("Result, JSON.") Json output,
      Usage usage)
      implements ExecutionEvent {}

  record TaskFailed(
      TaskKey task,
      @Doc("Executor that did it; absent when nobody did.") String instance,
      @Doc("Kind of failure.") FailureClass failure,
      @Doc("What happened, for a person.") String detail,
      @Doc("When it is tried again; the epoch when it is not.") Instant retryAt,
      Usage usage)
      implements ExecutionEvent {
    public boolean retried() {
      return !retryAt.equals(Instant.EPOCH);
    }
  }

  /// Generated code declined this input.
  record TaskDeoptimised(
      TaskKey task,
      @Doc("Executor that did it.") String instance,
      @Doc("Which assumption did not hold.") String reason,
      Usage usage)
      implements ExecutionEvent {}

  record ExecutionSucceeded(@Doc("Result, JSON.") Json output, @Doc("What answered.") Tier tier)
      implements ExecutionEvent {}

  record ExecutionFailed(
      @Doc("Kind of failure.") FailureClass failure,
      @Doc("What happened, for a person.") String detail)
      implements ExecutionEvent {}

  record ExecutionCancelled(@Doc("Why.") String reason) implements ExecutionEvent {}

  record ExecutionTimedOut(@Doc("When the execution timed out.") Instant deadline)
      implements ExecutionEvent {}

  /// The right answer became known; also on a finished execution.
  record TruthReported(@Doc("The right output, JSON.") Json output) implements ExecutionEvent {}

  /// An impossible record met this execution; later records are parked until it is released. What
  /// was refused as it was not quarantined yet does not release it when it is read again.
  record ExecutionQuarantined(
      @Doc("Why.") String reason,
      @Doc("Offset on nexus.requests from which on a release counts.") long releaseFrom)
      implements ExecutionEvent {
    /// One that any release ends.
    public ExecutionQuarantined(String reason) {
      this(reason, 0);
    }
  }

  /// News came for a quarantined execution; the input column says where it stands. It is decided on
  /// when the execution is released.
  record RecordParked() implements ExecutionEvent {}

  record ExecutionReleased(@Doc("True ended the execution, false let it go on.") boolean discard)
      implements ExecutionEvent {}

  /// A fact about a line of executions, under the id of the line: an execution waits in it from now
  /// on; if nobody did before, it has its turn at once.
  record LineJoined(
      @Doc("Execution that waits in the line, or has its turn.") ExecutionId member,
      @Doc("Since when it waits: who waits longer has his turn first.") Instant since,
      @Doc("Offset on nexus.ingress of what it waits for; orders those of one millisecond.")
          long place)
      implements ExecutionEvent {}

  /// A fact about a line of executions, under the id of the line: an execution has ended; if it was
  /// its turn, it is that of the next.
  record LineLeft(@Doc("Execution that waits in the line, or has its turn.") ExecutionId member)
      implements ExecutionEvent {}

  /// Whether it is about a line of executions and not about one.
  default boolean ofLine() {
    return this instanceof LineJoined || this instanceof LineLeft;
  }
}
