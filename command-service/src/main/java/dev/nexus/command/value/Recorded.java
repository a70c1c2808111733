package dev.nexus.command.value;

import dev.nexus.event.Json;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueEvent.RequestsDecided;
import dev.nexus.event.value.ValueEvent.ValueDeleted;
import dev.nexus.event.value.ValueEvent.ValueIncremented;
import dev.nexus.event.value.ValueEvent.ValueSet;
import dev.nexus.event.value.ValueReplyEvent;
import dev.nexus.event.value.ValueReplyEvent.ChangedReplied;
import dev.nexus.event.value.ValueReplyEvent.DeletedReplied;
import java.time.Instant;
import java.util.Optional;

/// What a fact says to whoever asked for it, now and when he asks again.
public sealed interface Recorded {
  String requestDigest();

  ValueReplyEvent reply(String instance);

  /// @param content of an increment; what was set is not said again
  record Change(String requestDigest, Json content, long version, Instant expiresAt)
      implements Recorded {
    @Override
    public ValueReplyEvent reply(String instance) {
      return new ChangedReplied(instance, content, version, expiresAt);
    }
  }

  record Deletion(String requestDigest) implements Recorded {
    @Override
    public ValueReplyEvent reply(String instance) {
      return new DeletedReplied(instance);
    }
  }

  /// Empty where nobody asked for the fact.
  static Optional<Recorded> of(ValueEvent fact) {
    return switch (fact) {
      case ValueSet(_, _, var version, var expiresAt, var digest) ->
          Optional.of(new Change(digest, Json.NULL, version, expiresAt));
      case ValueIncremented(_, var content, _, var version, var expiresAt, var digest) ->
          Optional.of(new Change(digest, content, version, expiresAt));
      case ValueDeleted(_, _, var digest) -> Optional.of(new Deletion(digest));
      case RequestsDecided _ -> Optional.empty();
    };
  }
}
