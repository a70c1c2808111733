package dev.nexus.command.topology;

import dev.nexus.command.execution.Consequence;
import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.Consequence.CancelTask;
import dev.nexus.command.execution.Consequence.Reply;
import dev.nexus.command.execution.ExecutionState.Origin;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Records for what the router decided: facts, tasks, cancellations and replies. All of an
/// execution's records go to the partition of the execution.
final class Emissions {
  private final KafkaClients clients;
  private final int partition;
  private final Plans plans;
  private final Routes routes;
  private final Duration lease;
  private final EventCodec<ExecutionEvent> facts =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final EventCodec<TaskEvent> tasks = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
  private final EventCodec<ReplyEvent> replies = EventCodec.of(Topic.REPLIES, ReplyEvent.class);

  Emissions(KafkaClients clients, int partition, Plans plans, Routes routes, Duration lease) {
    this.clients = clients;
    this.partition = partition;
    this.plans = plans;
    this.routes = routes;
    this.lease = lease;
  }

  /// The fact with `sequence`, at the time and place of what it was decided from.
  static Event<ExecutionEvent> fact(
      Envelope cause, Position input, long sequence, Instant at, ExecutionEvent body) {
    UUID id = NameIds.uuid5("fact", cause.executionId(), Long.toString(sequence));
    return new Event<>(
        new Envelope(
            id,
            at,
            cause.tenantId(),
            cause.appId(),
            cause.executionId(),
            sequence,
            cause.eventId().toString(),
            cause.correlationId(),
            cause.actor(),
            cause.traceparent(),
            input),
        body);
  }

  ProducerRecord<String, byte[]> factRecord(String key, Event<ExecutionEvent> fact) {
    return EventRecords.of(clients, facts, Topic.EXECUTIONS, partition, key, fact);
  }

  ProducerRecord<String, byte[]> consequence(
      String key, Event<ExecutionEvent> fact, Origin origin, Consequence consequence) {
    Envelope envelope =
        caused(fact.envelope(), consequence.eventId(fact.envelope().execution()));
    return switch (consequence) {
      case AssignTask(var request) ->
          EventRecords.of(
              clients,
              tasks,
              Topic.ofLane(request.lane()),
              partition,
              key,
              new Event<TaskEvent>(envelope, task(origin, request)));
      case CancelTask(var task, var reason) ->
          EventRecords.of(
              clients,
              tasks,
              Topic.TASK_CONTROL,
              partition,
              key,
              new Event<TaskEvent>(envelope, new TaskCancelled(task, reason)));
      case Reply(int replyPartition, var reply) -> reply(key, envelope, replyPartition, reply);
    };
  }

  ProducerRecord<String, byte[]> reply(
      String key, Envelope envelope, int replyPartition, ReplyEvent reply) {
    return EventRecords.of(
        clients, replies, Topic.REPLIES, replyPartition, key, new Event<>(envelope, reply));
  }

  private TaskAssigned task(Origin origin, ExecutionEvent.TaskRequested request) {
    var accepted = origin.accepted();
    Duration timeout =
        plans.timeout(
            origin.envelope().tenantId(),
            origin.envelope().appId(),
            accepted.definitionDigest(),
            accepted.component());
    return new TaskAssigned(
        request.task(),
        accepted.component(),
        accepted.definitionDigest(),
        request.candidateHash(),
        routes.source(request.candidateHash()),
        accepted.input(),
        new TaskLimits(request.startBy(), lease, timeout));
  }

  /// An envelope of something that follows from `cause`.
  static Envelope caused(Envelope cause, UUID id) {
    return new Envelope(
        id,
        cause.occurredAt(),
        cause.tenantId(),
        cause.appId(),
        cause.executionId(),
        0,
        cause.eventId().toString(),
        cause.correlationId(),
        cause.actor(),
        cause.traceparent(),
        Position.NONE);
  }
}
