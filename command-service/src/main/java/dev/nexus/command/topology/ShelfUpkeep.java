package dev.nexus.command.topology;

import java.time.Duration;
import java.time.Instant;

/// What is done to a partition's shelf as time passes: finished executions expire, and it is put
/// into a snapshot.
final class ShelfUpkeep implements AutoCloseable {
  private static final Duration LONGEST_REST = Duration.ofSeconds(10);

  /// A quarter of a thousand takes a few milliseconds, for which what is on the log waits.
  private static final int MOST_AT_ONCE = 250;

  private static final Duration BETWEEN_STEPS = Duration.ofMillis(20);

  private final RouterContext context;
  private final ExecutionShelf shelf;
  private final ShelfSnapshots snapshots;
  private Instant last;
  private Instant next;

  ShelfUpkeep(RouterContext context, int partition, ExecutionShelf shelf) {
    this.context = context;
    this.shelf = shelf;
    this.snapshots = new ShelfSnapshots(context, partition, shelf);
    this.last = context.clock().instant();
    this.next = last;
  }

  ShelfSnapshots snapshots() {
    return snapshots;
  }

  /// When there is something to do again.
  Instant next() {
    return next;
  }

  /// Does what is due; the shelf has been saved. A clock that was set back makes it due.
  void run(Instant now) {
    if (now.isBefore(next) && !now.isBefore(last)) {
      return;
    }
    boolean more = shelf.expire(now.minus(context.finishedKept()), MOST_AT_ONCE);
    snapshots.takeWhenDue();
    last = now;
    next = now.plus(more ? BETWEEN_STEPS : rest());
  }

  private Duration rest() {
    Duration every = context.limits().snapshotEvery();
    return every.compareTo(LONGEST_REST) < 0 ? every : LONGEST_REST;
  }

  /// Before the shelf is closed.
  @Override
  public void close() {
    snapshots.close();
  }
}
