package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/// Makes folds slow until it is opened: a rebuild that goes through it is under way for as long as
/// a test needs, however quick the machine is. It becomes slower the longer it takes, so that it is
/// still under way when the test is slow; it goes on all the time, as what looks at a rebuild looks
/// between its steps.
final class Gate {
  private static final int EACH_MS = 1;
  private static final int LATER_MS = 3;
  private static final int SOON = 1_000;

  private final CountDownLatch opened = new CountDownLatch(1);
  private final AtomicInteger passed = new AtomicInteger();

  /// Lets everything through at once from now on.
  void open() {
    opened.countDown();
  }

  /// The fold behind this gate.
  Fold<?> before(Fold<?> fold) {
    return new Slow<>(fold, _ -> true);
  }

  /// The fold, of which one partition is behind this gate.
  Fold<?> before(Fold<?> fold, int partition) {
    return new Slow<>(fold, of -> of == partition);
  }

  private final class Slow<E> extends PassedOnFold<E> {
    private final IntPredicate partitions;

    Slow(Fold<E> fold, IntPredicate partitions) {
      super(fold);
      this.partitions = partitions;
    }

    @Override
    public List<Mutation> fold(Fact<E> fact, Views views) {
      if (partitions.test(fact.partition())) {
        linger();
      }
      return fold.fold(fact, views);
    }

    private void linger() {
      try {
        int millis = passed.incrementAndGet() < SOON ? EACH_MS : LATER_MS;
        var _ = opened.await(millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
