package dev.nexus.executor.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Runs work with at most `permits` at a time, at most `perApplication` of one application. Work
/// over an application's cap waits in that application's own queue and holds no permit; queues are
/// served in turn.
public final class WorkPool {
  /// Pieces of work that may be aside at once, for each permit.
  public static final int ASIDE_A_PERMIT = 4;

  private static final ScopedValue<Place> PLACE = ScopedValue.newInstance();

  private final int permits;
  private final int perApplication;
  private final int queueLimit;
  private final Executor threads;
  private final IntConsumer onAside;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Share> shares = new HashMap<>();
  private final ArrayDeque<Share> turns = new ArrayDeque<>();
  private int running;
  private int queued;
  private int aside;

  /// What the work of a thread has in its pool.
  private record Place(WorkPool pool, Share share) {}

  /// The time in which work waits for something outside and holds no permit.
  public static final class Aside implements AutoCloseable {
    private static final Aside NOWHERE = new Aside(null);
    private final @Nullable Place place;

    private Aside(@Nullable Place place) {
      this.place = place;
    }

    /// Goes on at once, though others may have all permits by now.
    @Override
    public void close() {
      if (place != null) {
        place.pool().goOn(place.share());
      }
    }
  }

  /// What one application uses.
  private static final class Share {
    private final String application;
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private int running;
    private int aside;

    private Share(String application) {
      this.application = application;
    }
  }

  /// @param queueLimit work that may wait before there is no room for more
  /// @param threads starts each piece of work on a thread of its own without waiting
  public WorkPool(int permits, int perApplication, int queueLimit, Executor threads) {
    this(permits, perApplication, queueLimit, threads, _ -> {});
  }

  /// @param onAside told how much work is aside, which has its threads beside those of permits
  public WorkPool(
      int permits, int perApplication, int queueLimit, Executor threads, IntConsumer onAside) {
    this.onAside = onAside;
    this.permits = permits;
    this.perApplication = Math.min(permits, perApplication);
    this.queueLimit = queueLimit;
    this.threads = threads;
  }

  /// Waits until a permit is free and the queues have room; whether that came in time.
  public boolean awaitRoom(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (running >= permits || queued >= queueLimit) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Starts the work, or queues it where permits or the application's cap are used up.
  public void submit(String application, Runnable work) {
    lock.lock();
    try {
      Share share = shares.computeIfAbsent(application, Share::new);
      if (share.queue.isEmpty() && running < permits && share.running < perApplication) {
        start(share, work);
      } else {
        share.queue.add(work);
        queued++;
        if (share.queue.size() == 1) {
          turns.add(share);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void start(Share share, Runnable work) {
    share.running++;
    running++;
    threads.execute(
        () -> {
          try {
            ScopedValue.where(PLACE, new Place(this, share)).run(work);
          } finally {
            finished(share);
          }
        });
  }

  private void finished(Share share) {
    lock.lock();
    try {
      share.running--;
      running--;
      startNext();
      if (share.running == 0 && share.aside == 0 && share.queue.isEmpty()) {
        shares.remove(share.application);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Gives up the permit of the work on this thread while it waits for something that may need one
  /// itself, such as other work of this pool. Nothing where the thread does no work of a pool, or
  /// too much is aside already.
  public static Aside aside() {
    return PLACE.isBound() && PLACE.get().pool().stepAside(PLACE.get().share())
        ? new Aside(PLACE.get())
        : Aside.NOWHERE;
  }

  private boolean stepAside(Share share) {
    lock.lock();
    try {
      if (aside >= permits * ASIDE_A_PERMIT) {
        return false;
      }
      aside++;
      share.aside++;
      share.running--;
      running--;
      onAside.accept(aside);
      startNext();
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void goOn(Share share) {
    lock.lock();
    try {
      share.running++;
      running++;
      share.aside--;
      aside--;
      onAside.accept(aside);
    } finally {
      lock.unlock();
    }
  }

  /// One round over the waiting applications, from the one that waited longest for its turn.
  private void startNext() {
    for (int i = turns.size(); i > 0 && running < permits; i--) {
      Share share = turns.remove();
      if (share.running < perApplication) {
        queued--;
        start(share, share.queue.remove());
      }
      if (!share.queue.isEmpty()) {
        turns.add(share);
      }
    }
  }

  /// Work that runs now.
  public int running() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  /// Work that waits for its application's turn.
  public int queued() {
    lock.lock();
    try {
      return queued;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until nothing runs or waits; whether that came in time.
  public boolean awaitIdle(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (running > 0 || queued > 0 || aside > 0) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
