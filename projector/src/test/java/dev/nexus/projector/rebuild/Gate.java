package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.wire.EventCodec;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Makes folds slow until it is opened: a rebuild that goes through it is under way for as long as
/// a test needs, however quick the machine is.
final class Gate {
  private static final int EACH_MS = 1;

  private final CountDownLatch opened = new CountDownLatch(1);

  /// Lets everything through at once from now on.
  void open() {
    opened.countDown();
  }

  /// The fold behind this gate.
  Fold<?> before(Fold<?> fold) {
    return new Slow<>(fold);
  }

  private final class Slow<E> implements Fold<E> {
    private final Fold<E> fold;

    Slow(Fold<E> fold) {
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
    public List<Key> reads(Fact<E> fact) {
      return fold.reads(fact);
    }

    @Override
    public List<Mutation> fold(Fact<E> fact, Views views) {
      try {
        if (opened.await(EACH_MS, TimeUnit.MILLISECONDS)) {
          return fold.fold(fact, views);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return fold.fold(fact, views);
    }

    @Override
    public List<Mutation> deleted(String recordKey) {
      return fold.deleted(recordKey);
    }
  }
}
