package dev.nexus.executor.inbox;

import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does one task on the calling thread, within its time, and measures it. Whatever happens becomes
/// a result, except that cancelled and abandoned work comes to nothing.
public final class TaskRunner {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);

  /// How work on a task ended.
  sealed interface Ended {
    record Finished(WorkResult result) implements Ended {}

    /// Nobody waits for it any more: there is nothing to write.
    record Cancelled() implements Ended {}

    /// The lane ends before the work did: the task is left to another executor.
    record Abandoned() implements Ended {}
  }

  private final Work work;
  private final RunningTasks tasks;
  private final LeaseKeeper leases;
  private final TaskMeter meter;
  private final Clock clock;

  public TaskRunner(
      Work work, RunningTasks tasks, LeaseKeeper leases, TaskMeter meter, Clock clock) {
    this.work = work;
    this.tasks = tasks;
    this.leases = leases;
    this.meter = meter;
    this.clock = clock;
  }

  boolean isInstant(AssignedTask task) {
    return work.isInstant(task);
  }

  /// Does a task that needs neither bounds nor cancelling.
  WorkResult runInstant(AssignedTask task) {
    Instant begun = clock.instant();
    long start = System.nanoTime();
    WorkResult result;
    try {
      result = work.perform(task);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result = Failed.of(FailureClass.CRASH, "the executor ends");
    } catch (RuntimeException | StackOverflowError e) {
      result = broken(task, e);
    }
    return measured(task, begun, start, result);
  }

  Ended run(AssignedTask task) {
    RunningTasks.Running running = tasks.begin(task);
    Instant begun = clock.instant();
    long start = System.nanoTime();
    @Nullable WorkResult result = null;
    RunningTasks.End end;
    var bound = leases.bound(running, task.body().limits().timeout());
    try {
      result = running.unwanted() ? null : work.perform(task);
    } catch (InterruptedException e) {
      LOG.atDebug().addKeyValue("execution", task.envelope().executionId()).log("work interrupted");
    } catch (RuntimeException | StackOverflowError e) {
      result = broken(task, e);
    } finally {
      bound.close();
      end = tasks.end(running);
    }
    return switch (end) {
      case CANCELLED -> {
        meter.dropped("cancelled");
        yield new Ended.Cancelled();
      }
      case ABANDONED -> new Ended.Abandoned();
      case TIMED_OUT ->
          new Ended.Finished(
              measured(
                  task,
                  begun,
                  start,
                  Failed.of(
                      FailureClass.TIMEOUT,
                      "not done within " + task.body().limits().timeout().toMillis() + " ms")));
      case NONE ->
          result == null
              ? new Ended.Abandoned()
              : new Ended.Finished(measured(task, begun, start, result));
    };
  }

  private WorkResult measured(AssignedTask task, Instant begun, long start, WorkResult result) {
    WorkResult timed = result.worked(Duration.ofNanos(System.nanoTime() - start));
    meter.measured(task, work.tier(task), begun, timed);
    return timed;
  }

  private static WorkResult broken(AssignedTask task, Throwable e) {
    LOG.atError()
        .setCause(e)
        .addKeyValue("execution", task.envelope().executionId())
        .addKeyValue("component", task.body().component())
        .log("work broke");
    return Failed.of(FailureClass.CRASH, "the executor failed at this task: " + e);
  }
}
