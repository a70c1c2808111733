package dev.nexus.projector;

import dev.nexus.event.Event;
import dev.nexus.projector.rebuild.MemoryStore;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Slot;
import java.nio.ByteBuffer;
import java.util.List;

/// Folds events in memory, one partition, from offset 0.
public final class Folded<E> {
  private static final Slot SLOT = new Slot("topic", 0);

  private final Fold<E> fold;
  private final MemoryStore store = new MemoryStore();
  private long offset;

  private Folded(Fold<E> fold) {
    this.fold = fold;
  }

  public static <E> Folded<E> with(Fold<E> fold) {
    return new Folded<>(fold);
  }

  public Folded<E> all(List<? extends Event<E>> events) {
    events.forEach(this::one);
    return this;
  }

  /// What the event changes.
  public List<Mutation> one(Event<E> event) {
    var wire = ByteBuffer.wrap(fold.codec().encode(event));
    var fact = new Fact<>(SLOT, offset++, "key", event, wire);
    List<Mutation> mutations = fold.fold(fact, store);
    mutations.forEach(store::apply);
    return mutations;
  }

  public void deleted(String recordKey) {
    offset++;
    fold.deleted(recordKey).forEach(store::apply);
  }

  public MemoryStore store() {
    return store;
  }
}
