package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.wire.EventCodec;
import java.util.List;

/// A fold that does what another does, but for what a test changes of it.
abstract class PassedOnFold<E> implements Fold<E> {
  final Fold<E> fold;

  PassedOnFold(Fold<E> fold) {
    this.fold = fold;
  }

  @Override
  public EventCodec<E> codec() {
    return fold.codec();
  }

  @Override
  public int layout() {
    return fold.layout();
  }

  @Override
  public void check(Fact<E> fact) {
    fold.check(fact);
  }

  @Override
  public List<Key> reads(Fact<E> fact) {
    return fold.reads(fact);
  }

  @Override
  public List<Mutation> deleted(String recordKey) {
    return fold.deleted(recordKey);
  }
}
