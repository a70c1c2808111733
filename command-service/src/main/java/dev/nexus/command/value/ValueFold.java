package dev.nexus.command.value;

import dev.nexus.command.value.ValueState.Absent;
import dev.nexus.command.value.ValueState.Present;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueEvent.RequestsDecided;
import dev.nexus.event.value.ValueEvent.ValueDeleted;
import dev.nexus.event.value.ValueEvent.ValueIncremented;
import dev.nexus.event.value.ValueEvent.ValueSet;

/// Folds the facts about one key, live and on replay alike. A fact says all there is to know: what
/// compaction has left of a key is enough.
public final class ValueFold {
  private ValueFold() {}

  public static ValueState apply(ValueState state, ValueEvent fact) {
    return switch (fact) {
      case ValueSet(var key, var content, var version, var expiresAt, _) ->
          new Present(key, content, version, expiresAt);
      case ValueIncremented(var key, var content, _, var version, var expiresAt, _) ->
          new Present(key, content, version, expiresAt);
      case ValueDeleted _ -> new Absent();
      case RequestsDecided _ -> state;
    };
  }
}
