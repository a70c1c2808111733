package dev.nexus.executor.inbox;

import dev.nexus.event.Event;
import dev.nexus.event.definition.PublishedVersion;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordTime;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns records of a lane into tasks to do. A record that is no task is dead-lettered; a task that
/// came too late or was cancelled is not done, because the router has gone on without it.
public final class TaskIntake {
  private static final Logger LOG = LoggerFactory.getLogger(TaskIntake.class);

  private final EventCodec<TaskEvent> codec = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
  private final DeadLetters deadLetters;
  private final RunningTasks tasks;
  private final TaskMeter meter;
  private final Clock clock;

  public TaskIntake(DeadLetters deadLetters, RunningTasks tasks, TaskMeter meter, Clock clock) {
    this.deadLetters = deadLetters;
    this.tasks = tasks;
    this.meter = meter;
    this.clock = clock;
  }

  /// The task of a record; empty when there is nothing to do and the record may be accepted.
  Optional<AssignedTask> read(ConsumerRecord<String, byte[]> record) {
    AssignedTask task;
    try {
      Event<TaskEvent> event = codec.decode(record.value());
      event.envelope().execution();
      RecordTime.require(event.envelope().occurredAt());
      switch (event.body()) {
        case TaskAssigned assigned -> {
          requireBounds(assigned.limits());
          task = new AssignedTask(event.envelope(), assigned);
        }
        case TaskCancelled _ -> {
          return refuse(record, "TaskAssigned expected on a lane, found TaskCancelled");
        }
      }
    } catch (UnreadableRecordException | IllegalArgumentException | IllegalStateException e) {
      return refuse(record, String.valueOf(e.getMessage()));
    }
    return isWanted(task) ? Optional.of(task) : Optional.empty();
  }

  /// Clocks of work count nanoseconds, and a task that they cannot count would fail its lane.
  private static void requireBounds(TaskLimits limits) {
    for (Duration limit : List.of(limits.lease(), limits.timeout())) {
      if (limit.isNegative() || limit.compareTo(PublishedVersion.LONGEST) > 0) {
        throw new IllegalArgumentException(
            "a lease and a timeout of 0 to "
                + PublishedVersion.LONGEST.toDays()
                + " days expected, found "
                + limit);
      }
    }
  }

  private Optional<AssignedTask> refuse(ConsumerRecord<String, byte[]> record, String reason) {
    deadLetters.add(record, reason);
    meter.dropped("unreadable");
    return Optional.empty();
  }

  private boolean isWanted(AssignedTask task) {
    Instant startBy = task.body().limits().startBy();
    if (clock.instant().isAfter(startBy)) {
      LOG.atInfo()
          .addKeyValue("execution", task.envelope().executionId())
          .addKeyValue("task", task.body().task())
          .addKeyValue("startBy", startBy)
          .log("task came too late, dropped");
      meter.dropped("late");
      return false;
    }
    if (tasks.isCancelled(task)) {
      meter.dropped("cancelled");
      return false;
    }
    return true;
  }
}
