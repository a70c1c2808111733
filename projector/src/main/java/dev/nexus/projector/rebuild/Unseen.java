package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.stream.PartitionFold;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Nothing is told of a shadow: nobody reads it, and the live fold has set aside what has no
/// effect.
final class Unseen implements PartitionFold.Follower {
  @Override
  public void advanced(Slot slot, Mark mark, Set<Key> touched) {}

  @Override
  public void found(Slot slot, Mark mark) {}

  @Override
  public void setAside(ConsumerRecord<String, byte[]> record, String reason) {}
}
