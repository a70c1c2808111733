package dev.nexus.projector.stream;

import dev.nexus.platform.measure.Measure;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Slot;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Tells this process how far a live partition is and how late, and the dead letters what has no
/// effect.
record Announcing(Projection projection, Timer delay) implements PartitionFold.Follower {
  static Announcing of(Projection projection, Fold<?> fold) {
    return new Announcing(
        projection, Measure.PROJECTED.timer(projection.meters(), fold.topic().topicName()));
  }

  @Override
  public void advanced(Slot slot, Mark mark, Set<Key> touched) {
    projection.progress().advanced(slot, mark, touched);
  }

  /// Clocks of two machines may differ a little: what is shown before it came to be counts as at
  /// once.
  @Override
  public void shown(Instant at) {
    Duration late = Duration.between(at, projection.clock().instant());
    delay.record(late.isNegative() ? Duration.ZERO : late);
  }

  @Override
  public void found(Slot slot, Mark mark) {
    projection.progress().found(slot, mark);
  }

  @Override
  public void setAside(ConsumerRecord<String, byte[]> record, String reason) {
    projection.deadLetters().add(record, reason);
  }
}
