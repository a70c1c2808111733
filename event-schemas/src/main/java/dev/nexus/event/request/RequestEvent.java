package dev.nexus.event.request;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import java.time.Duration;

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
      @Doc("Road it came by: http, grpc, mcp, trigger or oracle.") String origin)
      implements RequestEvent {}

  record CancelRequested(@Doc("Why.") String reason, ReplyAddress replyTo)
      implements RequestEvent {}

  /// The right answer, known later, as by a person's correction.
  record TruthSubmitted(@Doc("The right output, JSON.") Json output) implements RequestEvent {}

  /// Lets a quarantined execution go on (`discard` false) or ends it (`discard` true).
  record ReleaseRequested(
      @Doc("True ends the execution, false lets it go on.") boolean discard, ReplyAddress replyTo)
      implements RequestEvent {}

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
