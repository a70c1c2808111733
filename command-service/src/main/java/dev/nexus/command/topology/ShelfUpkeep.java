package dev.nexus.command.topology;

import java.time.Duration;
import java.time.Instant;

/// What is done to a partition's shelf as time passes: finished executions expire, and it is put
/// into a snapshot.
final class ShelfUpkeep implements AutoCloseable {
  private static final Duration LONGEST_REST = Duration.ofSeconds(10);
  private static final int MOST_AT_ONCE = 10_000;

  private final RouterContext context;
  private final ExecutionShelf shelf;
  private final ShelfSnapshots snapshots;
  private Instant next;

  ShelfUpkeep(RouterContext context, int partition, ExecutionShelf shelf) {
    this.context = context;
    this.shelf = shelf;
    this.snapshots = new ShelfSnapshots(context, partition, shelf);
    this.next = context.clock().instant();
  }

  ShelfSnapshots snapshots() {
    return snapshots;
  }

  /// When there is something to do again.
  Instant next() {
    return next;
  }

  /// Does what is due; the shelf has been saved.
  void run(Instant now) {
    if (now.isBefore(next)) {
      return;
    }
    shelf.expire(now.minus(context.finishedKept()), MOST_AT_ONCE);
    snapshots.takeWhenDue();
    Duration every = context.limits().snapshotEvery();
    next = now.plus(every.compareTo(LONGEST_REST) < 0 ? every : LONGEST_REST);
  }

  /// Before the shelf is closed.
  @Override
  public void close() {
    snapshots.close();
  }
}
