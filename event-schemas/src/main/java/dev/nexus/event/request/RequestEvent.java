package dev.nexus.event.request;

import dev.nexus.event.Doc;
import dev.nexus.event.Excerpt;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import java.time.Duration;
import java.time.Instant;

/// What callers want, on `nexus.requests`. Nothing here has happened yet: the router decides.
public sealed interface RequestEvent {

  record InvokeRequested(
      @Doc("Component to run.") String component,
      @Doc("Digest of the application version the edge validated against.") String definitionDigest,
      @Doc("Input, JSON, valid against the component's schema.") Json input,
      @Doc("SHA-256 of the input: a repeated key with another body is refused.") String bodyDigest,
      @Doc("Longest time the execution may take, milliseconds; 0 leaves it to the component.")
          Duration timeout,
      ReplyAddress replyTo,
      @Doc("Road it came by: http, grpc, mcp, trigger or oracle.") String origin,
      Line line)
      implements RequestEvent {
    /// One that waits for nobody.
    public InvokeRequested(
        String component,
        String definitionDigest,
        Json input,
        String bodyDigest,
        Duration timeout,
        ReplyAddress replyTo,
        String origin) {
      this(component, definitionDigest, input, bodyDigest, timeout, replyTo, origin, Line.NOBODY);
    }

    /// The same, but it begins when those before it in a line have ended.
    public InvokeRequested in(Line place) {
      return new InvokeRequested(
          component, definitionDigest, input, bodyDigest, timeout, replyTo, origin, place);
    }
  }

  record CancelRequested(@Doc("Why.") String reason, ReplyAddress replyTo)
      implements RequestEvent {}

  /// The right answer, known later, as by a person's correction.
  record TruthSubmitted(@Doc("The right output, JSON.") Json output, ReplyAddress replyTo)
      implements RequestEvent {
    /// One that waits for nobody.
    public TruthSubmitted(Json output) {
      this(output, ReplyAddress.NOBODY);
    }
  }

  /// Lets a quarantined execution go on (`discard` false) or ends it (`discard` true).
  record ReleaseRequested(
      @Doc("True ends the execution, false lets it go on.") boolean discard, ReplyAddress replyTo)
      implements RequestEvent {}

  /// Puts an execution into a line. The request is keyed by the line, which takes it once.
  record LineRequested(
      @Doc("Execution that waits in the line, or has its turn.") ExecutionId member,
      @Doc("Since when it waits: who waits longer has his turn first.") Instant since,
      @Doc("Offset on nexus.ingress of what it waits for; orders those of one millisecond.")
          long place)
      implements RequestEvent {}

  /// An execution has its turn: those before it in the line have ended.
  record TurnGranted(@Doc("Line whose turn it is about.") ExecutionId line)
      implements RequestEvent {}

  /// An execution has ended; asked of who waits for that, which is its line.
  record EndReported(@Doc("Execution that waits in the line, or has its turn.") ExecutionId member)
      implements RequestEvent {}

  /// A line of executions that run one after the other.
  record Line(
      @Doc("Line in which the execution waits for its turn, a UUID; absent when it waits for none.")
          String lineId,
      @Doc("What the executions of the line have in common, for people.") String lineName) {
    public static final Line NOBODY = new Line("", "");

    /// Characters of a value that are in a name.
    private static final int LONGEST_VALUE = 100;

    /// The line of the executions that a trigger starts for one value of its `orderBy`.
    public static Line of(TenantId tenant, String appId, String trigger, String value) {
      return new Line(
          NameIds.uuid5("line", tenant.value(), appId, trigger, value).toString(),
          appId + "/" + trigger + " " + Excerpt.beginning(value, LONGEST_VALUE));
    }

    public boolean exists() {
      return !lineId.isEmpty();
    }

    public boolean is(ExecutionId line) {
      return lineId.equals(line.toString());
    }

    /// The id its facts go by; throws `IllegalArgumentException` where there is no line.
    public ExecutionId id() {
      return ExecutionId.parse(lineId);
    }
  }

  /// Where a caller waits.
  record ReplyAddress(
      @Doc("Instance that holds the caller; absent when nobody waits.") String replyInstance,
      @Doc("Its partition of the replies topic.") int replyPartition) {
    public static final ReplyAddress NOBODY = new ReplyAddress("", -1);

    public boolean waiting() {
      return !replyInstance.isEmpty();
    }
  }
}
