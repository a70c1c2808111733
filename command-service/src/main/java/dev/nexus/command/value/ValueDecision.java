package dev.nexus.command.value;

import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueReplyEvent;
import dev.nexus.event.value.ValueReplyEvent.RefusedReplied;

/// What was decided about a request.
public sealed interface ValueDecision {

  /// This follows, and is the answer.
  record Accepted(ValueEvent fact) implements ValueDecision {}

  /// Nothing changes: it was a question, it was answered before, or there was nothing to do.
  record Answered(ValueReplyEvent reply) implements ValueDecision {}

  /// Refused; nothing changes.
  record Refused(RefusedReplied reply) implements ValueDecision {}
}
