package dev.nexus.command.topology;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotSeries;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.topic.Topic;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Snapshots of one partition's shelf: the facts of its open executions, and what answers repeated
/// calls of the others. An owner without the shelf goes on from one and needs no facts from before
/// it. They are taken beside the work, from an image of the shelf.
final class ShelfSnapshots implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShelfSnapshots.class);

  /// The first one is not long in coming: a process that is often started anew takes some too.
  private static final Duration FIRST_AFTER = Duration.ofMinutes(1);

  private final SnapshotSeries snapshots;
  private final int partition;
  private final ExecutionShelf shelf;
  private final Duration every;
  private final Clock clock;
  private Instant nextLook;
  private volatile boolean ending;
  private @Nullable Thread taking;

  ShelfSnapshots(RouterContext context, int partition, ExecutionShelf shelf) {
    this.snapshots =
        new SnapshotSeries(context.snapshots(), Owner.ROUTER, Topic.EXECUTIONS, context.logId());
    this.partition = partition;
    this.shelf = shelf;
    this.every = context.limits().snapshotEvery();
    this.clock = context.clock();
    this.nextLook = clock.instant().plus(every.compareTo(FIRST_AFTER) < 0 ? every : FIRST_AFTER);
  }

  int partition() {
    return partition;
  }

  /// Takes back what was said of facts that the log has lost with the power, by whomever.
  void retractBeyond(long end) {
    snapshots.retractBeyond(partition, end);
  }

  /// Puts the newest usable snapshot on the shelf, which is emptied first; gives its checkpoint, or
  /// nothing when there is none from which the log goes on.
  Optional<ExecutionShelf.Checkpoint> restore(long begin, long end, SnapshotSeries.Look look) {
    Optional<SnapshotTaken> newest = snapshots.newest(partition, begin, end, look);
    return newest.map(
        taken -> {
          shelf.clear();
          shelf.restore(entries -> snapshots.read(taken, entries));
          LOG.atInfo()
              .addKeyValue("partition", partition)
              .addKeyValue("position", taken.next())
              .addKeyValue("entries", taken.entries())
              .log("router goes on from a snapshot");
          return shelf.checkpoint();
        });
  }

  /// Takes one when it is time and enough has changed; returns at once. On the partition's thread,
  /// when the shelf has been saved.
  void takeWhenDue() {
    Instant now = clock.instant();
    // Longer than it ever is: the clock was set back, or else it would be waited for that again.
    Duration left = Duration.between(now, nextLook);
    boolean due = !left.isPositive() || left.compareTo(every) > 0;
    if (!due || (taking != null && taking.isAlive())) {
      return;
    }
    nextLook = now.plus(every);
    ExecutionShelf.Checkpoint checkpoint = shelf.checkpoint();
    long next = checkpoint.next().getOrDefault(Topic.EXECUTIONS.topicName(), 0L);
    if (checkpoint.log().equals(snapshots.log()) && snapshots.due(partition, 0, next)) {
      ExecutionShelf.Image image = shelf.image();
      taking =
          Thread.ofPlatform()
              .daemon()
              .name("router-snapshot-" + partition)
              .start(() -> take(image, next, checkpoint.last()));
    }
  }

  private void take(ExecutionShelf.Image image, long next, Optional<Imprint> last) {
    try (image) {
      snapshots.take(
          partition,
          0,
          next,
          last,
          entries ->
              image.forEach(
                  (key, value) -> {
                    if (ending) {
                      throw new CancellationException();
                    }
                    entries.put(key, value);
                  }));
    } catch (CancellationException e) {
      LOG.atDebug().addKeyValue("partition", partition).log("snapshot broken off");
    } catch (UncheckedIOException | RequestNotAcceptedException | IllegalStateException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("partition", partition)
          .log("the router could not be put into a snapshot, it is tried again");
    }
  }

  /// Breaks off the one under way: the shelf must not be closed under it.
  @Override
  public void close() {
    ending = true;
    Thread last = taking;
    if (last == null) {
      return;
    }
    boolean interrupted = false;
    while (last.isAlive()) {
      try {
        last.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
