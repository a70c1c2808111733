package dev.nexus.executor.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Runs work with at most `permits` at a time, at most `perApplication` of one application. Work
/// over an application's cap waits in that application's own queue and holds no permit; queues are
/// served in turn.
public final class WorkPool {
  private final int permits;
  private final int perApplication;
  private final int queueLimit;
  private final Executor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Share> shares = new HashMap<>();
  private final ArrayDeque<Share> turns = new ArrayDeque<>();
  private int running;
  private int queued;

  /// What one application uses.
  private static final class Share {
    private final String application;
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private int running;

    private Share(String application) {
      this.application = application;
    }
  }

  /// @param queueLimit work that may wait before there is no room for more
  /// @param threads starts each piece of work on a thread of its own without waiting
  public WorkPool(int permits, int perApplication, int queueLimit, Executor threads) {
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
            work.run();
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
      if (share.running == 0 && share.queue.isEmpty()) {
        shares.remove(share.application);
      }
      changed.signalAll();
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
      while (running > 0 || queued > 0) {
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
