package dev.nexus.executor.inbox;

import dev.nexus.event.Event;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows `nexus.task-control` from its end and interrupts the work that is not wanted any more.
public final class CancellationFollower implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(CancellationFollower.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final EventCodec<TaskEvent> codec = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
  private final KafkaClients clients;
  private final List<RunningTasks> lanes;
  private final DeadLetters deadLetters;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().daemon().name("task-control").unstarted(this::follow);

  public CancellationFollower(
      KafkaClients clients, List<RunningTasks> lanes, DeadLetters deadLetters) {
    this.clients = clients;
    this.lanes = List.copyOf(lanes);
    this.deadLetters = deadLetters;
  }

  @Override
  public String name() {
    return "task-control";
  }

  @Override
  public void start() {
    thread.start();
  }

  private void follow() {
    while (!isClosing()) {
      try (KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer(name())) {
        List<TopicPartition> partitions =
            consumer.partitionsFor(clients.name(Topic.TASK_CONTROL)).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        ready.countDown();
        while (!isClosing()) {
          consumer.poll(POLL).forEach(this::take);
        }
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("task-control cannot be read, beginning anew at its end");
        pause();
      }
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause() {
    try {
      boolean closed = closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      LOG.atDebug().addKeyValue("closed", closed).log("pause over");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      Event<TaskEvent> event = codec.decode(record.value());
      switch (event.body()) {
        case TaskCancelled(var task, var reason) ->
            lanes.forEach(tasks -> tasks.cancel(event.envelope().executionId(), task, reason));
        case TaskAssigned _ ->
            deadLetters.add(record, "TaskCancelled expected on task-control, found TaskAssigned");
      }
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void awaitReady(Duration patience) {
    try {
      if (!ready.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            clients.name(Topic.TASK_CONTROL) + " was not read within " + patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for task-control", e);
    }
  }

  @Override
  public boolean healthy() {
    return thread.isAlive() && ready.getCount() == 0;
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.getState() != Thread.State.NEW) {
        thread.join(Duration.ofSeconds(2));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
