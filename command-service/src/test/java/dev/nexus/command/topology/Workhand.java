package dev.nexus.command.topology;

import dev.nexus.event.Event;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.Usage;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Does every task of the code lane at once, as often as it is asked, until it is closed.
final class Workhand implements AutoCloseable {
  private final RouterFixture nexus;
  private final Thread thread = Thread.ofPlatform().name("workhand").unstarted(this::run);
  private volatile boolean closing;

  Workhand(RouterFixture nexus) {
    this.nexus = nexus;
    thread.start();
  }

  private void run() {
    var codec = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
    try (KafkaConsumer<String, byte[]> tasks = nexus.clients().assignedConsumer("workhand")) {
      List<TopicPartition> partitions =
          tasks.partitionsFor(nexus.clients().name(Topic.TASKS_CODE)).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      tasks.assign(partitions);
      tasks.seekToBeginning(partitions);
      while (!closing) {
        tasks.poll(Duration.ofMillis(50)).forEach(r -> work(codec.decode(r.value())));
      }
    }
  }

  private void work(Event<TaskEvent> task) {
    if (task.body() instanceof TaskAssigned assigned) {
      var execution = task.envelope().execution();
      nexus.reportLater(
          execution, new WorkStarted(assigned.task(), "exec-1", Duration.ofSeconds(30)));
      nexus.reportLater(
          execution, new WorkSucceeded(assigned.task(), "exec-1", assigned.input(), Usage.NONE));
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
