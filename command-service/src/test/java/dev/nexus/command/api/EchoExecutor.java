package dev.nexus.command.api;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// Answers tasks of the code lane with their input; component `fail` fails, `stuck` never answers.
final class EchoExecutor implements AutoCloseable {
  private final EventCodec<TaskEvent> tasks = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
  private final EventCodec<OutcomeEvent> outcomes =
      EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class);
  private final KafkaClients clients;
  private final EventProducer producer;
  private final Thread thread;
  private volatile boolean closing;

  EchoExecutor(KafkaClients clients, EventProducer producer) {
    this.clients = clients;
    this.producer = producer;
    this.thread = Thread.ofPlatform().daemon().name("echo-executor").start(this::run);
  }

  private void run() {
    try (var consumer = clients.assignedConsumer("echo-executor")) {
      consumer.assign(
          consumer.partitionsFor(clients.name(Topic.TASKS_CODE)).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList());
      while (!closing) {
        consumer.poll(Duration.ofMillis(100)).forEach(this::answer);
      }
    }
  }

  private void answer(ConsumerRecord<String, byte[]> record) {
    Event<TaskEvent> task = tasks.decode(record.value());
    switch (task.body()) {
      case TaskAssigned assigned -> answer(task.envelope(), assigned);
      case TaskCancelled _ -> {}
    }
  }

  private void answer(Envelope envelope, TaskAssigned task) {
    switch (task.component()) {
      case "stuck" -> {}
      case "fail" ->
          report(
              envelope,
              new OutcomeEvent.WorkFailed(
                  task.task(), "echo", FailureClass.CRASH, "it broke", Duration.ZERO, Usage.NONE));
      default ->
          report(
              envelope,
              new OutcomeEvent.WorkSucceeded(task.task(), "echo", task.input(), Usage.NONE));
    }
  }

  private void report(Envelope task, OutcomeEvent outcome) {
    var envelope =
        Envelope.of(
                UUID.randomUUID(),
                Instant.ofEpochMilli(System.currentTimeMillis()),
                task.tenantId(),
                task.appId(),
                "service:echo")
            .withExecution(task.execution());
    producer
        .send(
            outcomes,
            Keys.execution(task.tenantId(), task.execution()),
            new Event<>(envelope, outcome))
        .join();
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
