package dev.nexus.command.topology;

import dev.nexus.command.execution.Consequence;
import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.Consequence.CancelTask;
import dev.nexus.command.execution.Consequence.GrantTurn;
import dev.nexus.command.execution.Consequence.Reply;
import dev.nexus.command.execution.Consequence.ReportEnd;
import dev.nexus.command.execution.Consequences;
import dev.nexus.command.execution.ExecutionFold;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Origin;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.EndReported;
import dev.nexus.event.request.RequestEvent.TurnGranted;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Records for what the router decided: facts, tasks, cancellations and replies, which go to the
/// partition of the execution, and news for other executions, which goes to theirs.
final class Emissions {
  private final KafkaClients clients;
  private final int partition;
  private final Supplier<RouterInput.Layout> layout;
  private final Plans plans;
  private final Routes routes;
  private final Duration lease;
  private final EventCodec<ExecutionEvent> facts =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final EventCodec<TaskEvent> tasks = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
  private final EventCodec<ReplyEvent> replies = EventCodec.of(Topic.REPLIES, ReplyEvent.class);

  /// @param layout which partitions there are, known before anything is emitted
  Emissions(RouterContext context, int partition, Supplier<RouterInput.Layout> layout) {
    this.clients = context.clients();
    this.partition = partition;
    this.layout = layout;
    this.plans = context.plans();
    this.routes = context.routes();
    this.lease = context.lease();
  }

  /// What was decided on, where and when.
  ///
  /// @param input where it stands on the log; none where time alone has passed
  record Occasion(Envelope cause, Position input, Instant at) {
    /// The passing of time, for an execution that began as `origin` says.
    static Occasion ofTime(Origin origin, Instant at) {
      Envelope began = origin.envelope();
      return new Occasion(caused(began, began.eventId()), Position.NONE, at);
    }

    /// The same moment, for news that had to wait for it.
    Occasion with(Envelope news) {
      return new Occasion(news, input, at);
    }
  }

  /// A fact that was decided and folded but not written, with the state it leads to and what goes
  /// out because of it.
  record Draft(
      Event<ExecutionEvent> fact,
      ExecutionState after,
      ProducerRecord<String, byte[]> record,
      List<ProducerRecord<String, byte[]>> consequences) {}

  /// Folds and encodes everything a decision leads to, and changes nothing: what fails here has
  /// left no trace.
  List<Draft> drafts(Execution execution, List<ExecutionEvent> decided, Occasion occasion) {
    List<Draft> drafts = new ArrayList<>();
    ExecutionState state = execution.state();
    for (ExecutionEvent body : decided) {
      Event<ExecutionEvent> fact = fact(state, occasion, body);
      ExecutionState after = ExecutionFold.apply(state, fact);
      List<ProducerRecord<String, byte[]>> consequences = new ArrayList<>();
      for (Consequence consequence : Consequences.of(state, fact)) {
        consequences.add(consequence(execution.key(), fact, after, consequence));
      }
      var record =
          EventRecords.of(clients, facts, Topic.EXECUTIONS, partition, execution.key(), fact);
      drafts.add(new Draft(fact, after, record, consequences));
      state = after;
    }
    return drafts;
  }

  /// The next fact, at the time and place of what it was decided from. It belongs to the
  /// application that began the execution, and to what began it: whoever caused it, such as the
  /// execution before it in its line, has a correlation and a trace of its own.
  static Event<ExecutionEvent> fact(ExecutionState state, Occasion occasion, ExecutionEvent body) {
    Envelope cause = occasion.cause();
    long sequence = state.sequence() + 1;
    UUID id = NameIds.uuid5("fact", cause.executionId(), Long.toString(sequence));
    Envelope began = state.begun().map(Origin::envelope).orElse(cause);
    return new Event<>(
        new Envelope(
            id,
            occasion.at(),
            cause.tenantId(),
            state.appId().isEmpty() ? cause.appId() : state.appId(),
            cause.executionId(),
            sequence,
            cause.eventId().toString(),
            began.correlationId(),
            cause.actor(),
            began.traceparent(),
            occasion.input()),
        body);
  }

  ProducerRecord<String, byte[]> consequence(
      String key, Event<ExecutionEvent> fact, ExecutionState after, Consequence consequence) {
    Envelope envelope = caused(fact.envelope(), consequence.eventId(fact.envelope().execution()));
    return switch (consequence) {
      case AssignTask(var request) ->
          EventRecords.of(
              clients,
              tasks,
              Topic.ofLane(request.lane()),
              partition,
              key,
              new Event<TaskEvent>(envelope, task(after.begun().orElseThrow(), request)));
      case CancelTask(var task, var reason) ->
          EventRecords.of(
              clients,
              tasks,
              Topic.TASK_CONTROL,
              partition,
              key,
              new Event<TaskEvent>(envelope, new TaskCancelled(task, reason)));
      case GrantTurn(var member, _) ->
          request(envelope, member, new TurnGranted(envelope.execution()));
      case ReportEnd(var to, _) -> request(envelope, to, new EndReported(envelope.execution()));
      case Reply(int replyPartition, var reply, _) -> reply(key, envelope, replyPartition, reply);
    };
  }

  /// A request to another execution of the same tenant, in the partition of that.
  private ProducerRecord<String, byte[]> request(
      Envelope cause, ExecutionId to, RequestEvent request) {
    String key = Keys.execution(cause.tenantId(), to);
    return EventRecords.of(
        clients,
        RouterInput.REQUESTS,
        Topic.REQUESTS,
        layout.get().partitionOf(key),
        key,
        new Event<>(cause.withExecution(to), request));
  }

  /// Requests are refused whose senders wait where no replies are; a fact that no router wrote may
  /// name such a place all the same, and a record that cannot be sent would stop the partition.
  ProducerRecord<String, byte[]> reply(
      String key, Envelope envelope, int replyPartition, ReplyEvent reply) {
    int there = Math.floorMod(replyPartition, layout.get().replyPartitions());
    return EventRecords.of(
        clients, replies, Topic.REPLIES, there, key, new Event<>(envelope, reply));
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
