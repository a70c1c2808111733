package dev.nexus.executor.inbox;

import dev.nexus.event.Event;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TailReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Follows `nexus.task-control` from its end and interrupts the work that is not wanted any more,
/// whichever lane does it.
public final class CancellationFollower implements NexusService {
  private final EventCodec<TaskEvent> codec = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
  private final List<RunningTasks> lanes;
  private final DeadLetters deadLetters;
  private final TailReader reader;

  public CancellationFollower(
      KafkaClients clients, List<RunningTasks> lanes, DeadLetters deadLetters) {
    this.lanes = List.copyOf(lanes);
    this.deadLetters = deadLetters;
    this.reader =
        new TailReader(clients, name(), Topic.TASK_CONTROL, TailReader.From.END, this::take);
  }

  @Override
  public String name() {
    return "task-control";
  }

  @Override
  public void start() {
    reader.start();
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    read(record)
        .ifPresent(
            event -> {
              switch (event.body()) {
                case TaskCancelled(var task, var reason) ->
                    lanes.forEach(
                        tasks -> tasks.cancel(event.envelope().executionId(), task, reason));
                case TaskAssigned _ ->
                    deadLetters.add(
                        record, "TaskCancelled expected on task-control, found TaskAssigned");
              }
            });
  }

  private Optional<Event<TaskEvent>> read(ConsumerRecord<String, byte[]> record) {
    try {
      return Optional.of(codec.decode(record.value()));
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  @Override
  public void awaitReady(Duration patience) {
    reader.awaitReading(patience);
  }

  @Override
  public boolean healthy() {
    return reader.healthy();
  }

  @Override
  public void close() {
    reader.close();
  }
}
