package dev.nexus.event.value;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import java.time.Instant;

/// Answers about runtime values, on `nexus.value-replies`, to the partition of the caller's
/// instance. The cause of an answer is the request it is for, its correlation id that of the call,
/// as several calls may repeat a request, or name it and wish for something else.
public sealed interface ValueReplyEvent {
  String replyInstance();

  /// There is a value, and this is it.
  record FoundReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("The value, JSON.") Json content,
      @Doc("Version of the value.") long version,
      @Doc("From when on the value is absent; 0: never.") Instant expiresAt)
      implements ValueReplyEvent {}

  /// There is no value, so nothing was read or deleted.
  record AbsentReplied(@Doc("Instance that holds the caller.") String replyInstance)
      implements ValueReplyEvent {}

  /// The value was set or incremented.
  record ChangedReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("What an increment made, JSON; null for what was set.") Json content,
      @Doc("Version of the value.") long version,
      @Doc("From when on the value is absent; 0: never.") Instant expiresAt)
      implements ValueReplyEvent {}

  /// The value was deleted.
  record DeletedReplied(@Doc("Instance that holds the caller.") String replyInstance)
      implements ValueReplyEvent {}

  record ListReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("Key, version and expiresAt (0: never) of each value, by key, JSON.") Json listed,
      @Doc("Whether there are more behind them.") boolean more)
      implements ValueReplyEvent {}

  /// The request was refused and the value is unchanged.
  record RefusedReplied(
      @Doc("Instance that holds the caller.") String replyInstance,
      @Doc("Why, as one word: ValueRefusal has them all.") String problem,
      @Doc("What was expected and found, for a person.") String detail,
      @Doc("Version that was expected; -1 where none was.") long expectedVersion,
      @Doc("Version of the value; 0 where there is none.") long version)
      implements ValueReplyEvent {}
}
