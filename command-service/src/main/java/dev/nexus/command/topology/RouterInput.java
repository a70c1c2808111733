package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionCommand;
import dev.nexus.command.execution.ExecutionCommand.CancelExecution;
import dev.nexus.command.execution.ExecutionCommand.JoinLine;
import dev.nexus.command.execution.ExecutionCommand.LeaveLine;
import dev.nexus.command.execution.ExecutionCommand.ReleaseExecution;
import dev.nexus.command.execution.ExecutionCommand.ReportOutcome;
import dev.nexus.command.execution.ExecutionCommand.ReportTruth;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.ExecutionCommand.TakeTurn;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.Plan;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.CancelRequested;
import dev.nexus.event.request.RequestEvent.EndReported;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.LineRequested;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.event.request.RequestEvent.TurnGranted;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.TaskKey;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.RecordTime;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// A record the router reads, as a command.
sealed interface RouterInput {
  EventCodec<RequestEvent> REQUESTS = EventCodec.of(Topic.REQUESTS, RequestEvent.class);
  EventCodec<OutcomeEvent> OUTCOMES = EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class);

  Envelope envelope();

  Position position();

  /// When it is decided on.
  Instant at();

  /// Where the sender waits; nobody waits for outcomes.
  ReplyAddress replyTo();

  /// What is asked.
  ///
  /// @param backlog whether an owner before this one may have decided on it
  ExecutionCommand command(Plans plans, ExecutionState state, boolean backlog);

  /// The application it speaks for, which must be that of the execution; "" for none.
  String speaksFor();

  /// Whether it tells something and asks for nothing: who waits, waits for a receipt.
  default boolean reports() {
    return false;
  }

  /// The task that gave a sign of life.
  default Optional<TaskKey> signOfLife() {
    return Optional.empty();
  }

  record Request(Event<RequestEvent> event, Position position, Instant at) implements RouterInput {
    @Override
    public Envelope envelope() {
      return event.envelope();
    }

    @Override
    public ReplyAddress replyTo() {
      return switch (event.body()) {
        case InvokeRequested invoke -> invoke.replyTo();
        case CancelRequested cancel -> cancel.replyTo();
        case ReleaseRequested release -> release.replyTo();
        case TruthSubmitted truth -> truth.replyTo();
        case LineRequested _, TurnGranted _, EndReported _ -> ReplyAddress.NOBODY;
      };
    }

    @Override
    public String speaksFor() {
      return envelope().appId();
    }

    @Override
    public boolean reports() {
      return event.body() instanceof TruthSubmitted;
    }

    @Override
    public ExecutionCommand command(Plans plans, ExecutionState state, boolean backlog) {
      return switch (event.body()) {
        case InvokeRequested invoke ->
            new StartExecution(
                invoke,
                plans.plan(
                    envelope().tenantId(),
                    envelope().appId(),
                    invoke.definitionDigest(),
                    invoke.component(),
                    envelope().execution()));
        case CancelRequested(var reason, var caller) -> new CancelExecution(reason, caller);
        case ReleaseRequested(boolean discard, var caller) ->
            new ReleaseExecution(discard, caller, position.inputOffset(), backlog);
        case TruthSubmitted(var output, _) -> new ReportTruth(output, envelope().actor());
        case LineRequested(var member, var since, var place) -> new JoinLine(member, since, place);
        case EndReported(var member) -> new LeaveLine(member);
        case TurnGranted(var line) ->
            new TakeTurn(line, state.begun().map(plans::plan).orElseGet(Plan.Unknown::new));
      };
    }
  }

  record Outcome(Event<OutcomeEvent> event, Position position, Instant at) implements RouterInput {
    @Override
    public Envelope envelope() {
      return event.envelope();
    }

    @Override
    public ReplyAddress replyTo() {
      return ReplyAddress.NOBODY;
    }

    @Override
    public String speaksFor() {
      return "";
    }

    @Override
    public ExecutionCommand command(Plans plans, ExecutionState state, boolean backlog) {
      return new ReportOutcome(
          event.body(), state.begun().map(plans::policy).orElseGet(plans::defaultPolicy));
    }

    @Override
    public Optional<TaskKey> signOfLife() {
      return event.body() instanceof WorkContinued(var task, _)
          ? Optional.of(task)
          : Optional.empty();
    }
  }

  /// What records must fit to be of use.
  ///
  /// @param partitions of the inputs
  /// @param replyPartitions of the replies
  record Layout(int partitions, int replyPartitions) {
    /// The partition of everything about an execution, by its key.
    int partitionOf(String key) {
      return KeyPartition.of(key, partitions);
    }
  }

  /// Reads a record; throws `UnreadableRecordException` when it is none of its topic, its key is
  /// not that of its execution, it stands where its key does not belong, its time is none of a
  /// clock, or its sender waits where no replies are.
  static RouterInput read(Topic topic, ConsumerRecord<String, byte[]> record, Layout layout) {
    Position position = new Position(topic.topicName(), record.partition(), record.offset());
    RouterInput input;
    if (topic == Topic.REQUESTS) {
      Event<RequestEvent> event = REQUESTS.decode(record.value());
      input = new Request(event, position, at(event.envelope(), record));
    } else {
      Event<OutcomeEvent> event = OUTCOMES.decode(record.value());
      input = new Outcome(event, position, at(event.envelope(), record));
    }
    Envelope envelope = input.envelope();
    if (envelope.executionId().isEmpty()) {
      throw new UnreadableRecordException("an execution id expected, found none");
    }
    String key = Keys.execution(envelope.tenantId(), envelope.execution());
    RecordKey.require(key, record.key());
    int partition = layout.partitionOf(key);
    if (record.partition() != partition) {
      throw new UnreadableRecordException(
          "partition "
              + partition
              + " expected, found "
              + record.partition()
              + ": its writer must choose partitions by murmur2 of the key");
    }
    ReplyAddress replyTo = input.replyTo();
    if (replyTo.waiting()
        && (replyTo.replyPartition() < 0 || replyTo.replyPartition() >= layout.replyPartitions())) {
      throw new UnreadableRecordException(
          "a reply partition below "
              + layout.replyPartitions()
              + " expected, found "
              + replyTo.replyPartition());
    }
    return input;
  }

  /// What the sender's clock showed, so that times which follow from one another come from one
  /// clock. What was put aside counts from when it was written again: by its own time the execution
  /// that it begins might have ended already. Both stand on the log, so a replay decides alike.
  private static Instant at(Envelope envelope, ConsumerRecord<String, byte[]> record) {
    Instant at =
        EventRecords.replayed(record.headers())
            ? Instant.ofEpochMilli(record.timestamp())
            : envelope.occurredAt();
    return RecordTime.require(at);
  }
}
