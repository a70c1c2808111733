package dev.nexus.command.deadletter;

import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import java.time.Instant;
import java.util.Optional;

/// A record that was put aside.
///
/// @param position its own offset on `nexus.dead-letters`
/// @param at when it was put aside
/// @param replay the last time it was written again
public record DeadLetter(
    long position, Instant at, RecordDeadLettered letter, Optional<Replay> replay) {

  /// @param actor who had it done
  public record Replay(Instant at, String actor) {}

  public Origin origin() {
    return new Origin(letter.originTopic(), letter.originPartition(), letter.originOffset());
  }

  /// Whether the letter has the beginning of the value only.
  public boolean truncated() {
    return letter.originValue().remaining() < letter.originBytes();
  }
}
