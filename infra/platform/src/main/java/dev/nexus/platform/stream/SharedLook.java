package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A look that takes a while, shared by all who wait for one: one is under way at a time, on a
/// thread of its own, as it may take longer than one of those who wait for it has patience. All who
/// come meanwhile share the next, so that many cost no more than one, and what was there when
/// somebody came is seen by the look that is waited for.
final class SharedLook implements AutoCloseable {
  /// Taken by one thread at a time.
  interface Look {
    /// @param until when the most patient of those who wait gives up, by `System.nanoTime`
    void take(long until);
  }

  /// What may hold a look up; null where nothing is known.
  interface Failure {
    @Nullable Throwable last();
  }

  /// For all who came before it began.
  private static final class Turn {
    private final CompletableFuture<Boolean> taken = new CompletableFuture<>();

    /// Only used under the lock, and by its thread once it has begun.
    private long until;

    Turn(long until) {
      this.until = until;
    }
  }

  private final String name;
  private final Look look;
  private final ReentrantLock lock = new ReentrantLock();

  /// Has not begun; null while nobody has come since the last one began.
  private @Nullable Turn next;

  private boolean underWay;
  private boolean closed;

  /// @param name that of the thread
  SharedLook(String name, Look look) {
    this.name = name;
    this.look = look;
  }

  /// Waits for a look that begins after this was called; throws `NotReadInTimeException` when it
  /// fails, or `patience` runs out before it ends.
  void await(Duration patience, Failure failure) {
    try {
      next(patience).get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw failed(patience, e.getCause());
    } catch (TimeoutException e) {
      Throwable known = failure.last();
      throw failed(patience, known == null ? e : known);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotReadInTimeException("interrupted while waiting for " + name, e);
    }
  }

  private NotReadInTimeException failed(Duration patience, @Nullable Throwable cause) {
    return new NotReadInTimeException(
        name + " could not read what is there within " + patience, cause);
  }

  /// Ends with a look that begins after this was called, and fails with what that fails with; with
  /// `NotReadInTimeException` when this is closed before it begins. Who waits for it is to do so no
  /// longer than for `patience`.
  CompletableFuture<Boolean> next(Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(refusal());
      }
      Turn joined = next;
      if (joined == null) {
        joined = new Turn(until);
        next = joined;
      } else if (until - joined.until > 0) {
        joined.until = until;
      }
      begin();
      return joined.taken;
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock.
  private void begin() {
    Turn begun = next;
    if (underWay || begun == null) {
      return;
    }
    Thread.ofVirtual().name(name).start(() -> take(begun));
    underWay = true;
    next = null;
  }

  /// Whatever ends it, an `Error` too, those who came meanwhile get theirs.
  private void take(Turn turn) {
    try {
      look.take(turn.until);
      turn.taken.complete(true);
    } catch (Throwable e) {
      turn.taken.completeExceptionally(e);
    } finally {
      goOn();
    }
  }

  private void goOn() {
    lock.lock();
    try {
      underWay = false;
      begin();
    } finally {
      lock.unlock();
    }
  }

  private NotReadInTimeException refusal() {
    return new NotReadInTimeException(name + " is closed", null);
  }

  /// Whoever waits for a look that has not begun is refused; one that is under way ends by itself.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      Turn waiting = next;
      next = null;
      if (waiting != null) {
        waiting.taken.completeExceptionally(refusal());
      }
    } finally {
      lock.unlock();
    }
  }
}
