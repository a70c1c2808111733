package dev.nexus.event.reply;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import dev.nexus.event.task.Tier;

/// Answers to waiting callers, on `nexus.replies`, to the partition of the caller's instance.
public sealed interface ReplyEvent {
  String replyInstance();

  /// The execution ended well.
  record ResultReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("Result, JSON.") Json output,
      @Doc("What answered.") Tier tier,
      @Doc("Sequence of the terminal fact, for reading one's own write.") long factSequence)
      implements ReplyEvent {}

  /// The execution ended otherwise.
  record ProblemReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("One of failed, cancelled, timed-out, quarantined.") String problem,
      @Doc("What happened, for a person.") String detail,
      @Doc("Sequence of the terminal fact.") long factSequence)
      implements ReplyEvent {}

  /// What was reported about the execution is noted: it was kept, or is known already.
  record ReceiptReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("Sequence of the newest fact.") long factSequence)
      implements ReplyEvent {}

  /// The request was refused; the execution, if there is one, is unchanged.
  record RefusalReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("Why: idempotency-key-reused, not-found, finished.") String problem,
      @Doc("What to do, for a person.") String detail)
      implements ReplyEvent {}
}
