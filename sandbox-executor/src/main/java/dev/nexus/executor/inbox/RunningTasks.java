package dev.nexus.executor.inbox;

import dev.nexus.event.task.TaskKey;
import dev.nexus.executor.work.AssignedTask;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The tasks one lane of this instance works on, so that a cancellation finds them. Cancellations
/// that come before their task are remembered, the newest thousands of them. Each lane has its own:
/// a lane that ends gives up its own work and no other's.
public final class RunningTasks {
  private static final int REMEMBERED = 10_000;

  private record Name(String execution, TaskKey task) {}

  /// Why work ended early, if it did.
  enum End {
    NONE,
    CANCELLED,
    TIMED_OUT,
    ABANDONED
  }

  /// Work in progress on one thread.
  static final class Running {
    private final Thread thread = Thread.currentThread();
    private End end = End.NONE;
    private boolean over;

    /// Interrupts the work, unless it is over or interrupted already.
    synchronized void interrupt(End why) {
      if (!over && end == End.NONE) {
        end = why;
        thread.interrupt();
      }
    }

    /// Whether the work was ended before it began.
    synchronized boolean unwanted() {
      return end != End.NONE;
    }

    /// Ends the work and takes an interrupt back, so that the thread's next task does not get it.
    synchronized End over() {
      over = true;
      if (end != End.NONE) {
        Thread.interrupted();
      }
      return end;
    }
  }

  /// A task that comes twice may be worked on twice at a time.
  private final Map<Running, Name> running = new ConcurrentHashMap<>();

  private volatile boolean abandoned;
  private final Map<Name, String> cancelled =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Name, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  private static Name name(AssignedTask task) {
    return new Name(task.envelope().executionId(), task.body().task());
  }

  /// Registers the calling thread as the one that works on the task.
  Running begin(AssignedTask task) {
    Running work = new Running();
    running.put(work, name(task));
    if (isCancelled(task)) {
      work.interrupt(End.CANCELLED);
    } else if (abandoned) {
      work.interrupt(End.ABANDONED);
    }
    return work;
  }

  End end(Running work) {
    running.remove(work);
    return work.over();
  }

  public boolean isCancelled(AssignedTask task) {
    synchronized (cancelled) {
      return !cancelled.isEmpty() && cancelled.containsKey(name(task));
    }
  }

  /// Interrupts the work on a task, now or when it comes.
  public void cancel(String execution, TaskKey task, String reason) {
    Name name = new Name(execution, task);
    synchronized (cancelled) {
      cancelled.put(name, reason);
    }
    running.forEach(
        (work, of) -> {
          if (of.equals(name)) {
            work.interrupt(End.CANCELLED);
          }
        });
  }

  /// Interrupts everything, because the lane ends; what still waits for its turn is not begun.
  void abandonAll() {
    abandoned = true;
    running.keySet().forEach(work -> work.interrupt(End.ABANDONED));
  }
}
