package dev.nexus.command.topology;

import dev.nexus.command.execution.Consequence;
import dev.nexus.command.execution.Consequences;
import dev.nexus.command.execution.Decision;
import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.Decision.AnsweredAgain;
import dev.nexus.command.execution.Decision.Ignored;
import dev.nexus.command.execution.Decision.Impossible;
import dev.nexus.command.execution.Decision.Rejected;
import dev.nexus.command.execution.ExecutionCommand;
import dev.nexus.command.execution.ExecutionDecider;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.platform.stream.PartitionWork;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The router of one partition: reads requests and outcomes, decides, applies, and writes facts
/// and what follows from them in one transaction a poll. A crash leaves a poll's records all or
/// not at all; what is not there is decided again from the inputs, with the same ids.
final class RouterPartition implements PartitionWork {
  private static final Logger LOG = LoggerFactory.getLogger(RouterPartition.class);

  private final RouterContext context;
  private final int partition;
  private final ExecutionShelf shelf;
  private final RecordSink sink;
  private final ExecutionMemory memory;
  private final Emissions emissions;
  private final Leases leases;
  private final DueTimes due = new DueTimes();
  private final AtomicLong nextFact = new AtomicLong();
  private final Map<Topic, Long> nextInput = new HashMap<>();
  private final WaitingExecutions waiting;
  private Instant nextExpiry;

  RouterPartition(RouterContext context, int partition) {
    this.context = context;
    this.partition = partition;
    this.shelf = new ExecutionShelf(context.directory().resolve(Integer.toString(partition)));
    try {
      this.sink = context.sinks().open(partition);
    } catch (RuntimeException e) {
      shelf.close();
      throw e;
    }
    this.memory = new ExecutionMemory(shelf, RouterContext.FACTS, context.hotExecutions());
    this.emissions =
        new Emissions(
            context.clients(), partition, context.plans(), context.routes(), context.lease());
    this.leases = new Leases(context.clock().instant());
    this.waiting = new WaitingExecutions(context.catalog());
    this.nextExpiry = context.clock().instant();
  }

  @Override
  public Map<TopicPartition, Long> recover() {
    Instant begun = context.clock().instant();
    ExecutionShelf.Place place = shelf.place();
    if (!place.log().equals(context.logId())) {
      shelf.clear();
      place = ExecutionShelf.Place.NOWHERE;
    }
    place
        .next()
        .forEach((topic, next) -> Topic.named(topic).ifPresent(t -> nextInput.put(t, next)));
    nextFact.set(nextInput.getOrDefault(Topic.EXECUTIONS, 0L));
    nextInput.remove(Topic.EXECUTIONS);
    FactTail tail = new FactTail(context.clients(), partition);
    long facts = tail.read(nextFact.get(), this::refold, this::save);
    save();
    shelf.forEachOpen((key, encoded) -> reschedule(memory.get(key)));
    save();
    LOG.atInfo()
        .addKeyValue("partition", partition)
        .addKeyValue("facts", facts)
        .addKeyValue("took", Duration.between(begun, context.clock().instant()))
        .log("router partition recovered");
    Map<TopicPartition, Long> positions = new HashMap<>();
    nextInput.forEach(
        (topic, next) ->
            positions.put(new TopicPartition(context.clients().name(topic), partition), next));
    return positions;
  }

  /// Folds one fact of the log; one that cannot be folded quarantines its execution.
  private void refold(ConsumerRecord<String, byte[]> record) {
    nextFact.set(record.offset() + 1);
    Execution execution = memory.get(record.key());
    try {
      Event<ExecutionEvent> fact = RouterContext.FACTS.decode(record.value());
      advance(fact.envelope().input());
      execution.apply(fact, record.value());
    } catch (UnreadableRecordException e) {
      context.deadLetters().add(record, String.valueOf(e.getMessage()));
    } catch (dev.nexus.command.execution.ImpossibleFactException e) {
      context.deadLetters().add(record, String.valueOf(e.getMessage()));
      execution.quarantine(String.valueOf(e.getMessage()));
    }
    memory.touch(execution);
  }

  private void advance(Position input) {
    if (input.exists()) {
      Topic.named(input.inputTopic())
          .ifPresent(t -> nextInput.merge(t, input.inputOffset() + 1, Math::max));
    }
  }

  @Override
  public void process(List<ConsumerRecord<String, byte[]>> records) {
    for (ConsumerRecord<String, byte[]> record : records) {
      Topic topic = context.topicOf(record.topic());
      try {
        RouterInput input = RouterInput.read(topic, record);
        handle(input, record);
      } catch (UnreadableRecordException | IllegalArgumentException e) {
        context.deadLetters().add(record, String.valueOf(e.getMessage()));
      }
      nextInput.merge(topic, record.offset() + 1, Math::max);
    }
    commit();
  }

  private void handle(RouterInput input, ConsumerRecord<String, byte[]> record) {
    Execution execution = memory.get(record.key());
    Optional<ExecutionCommand> command = input.command(context.plans(), execution.state());
    if (command.isEmpty()) {
      input.signOfLife().ifPresent(task -> {
        leases.heard(record.key(), task, input.at());
        reschedule(execution);
      });
      return;
    }
    Decision decision = decide(execution, command.get(), input.envelope(), input.position(), input.at());
    switch (decision) {
      case Accepted _, Ignored _ -> {}
      case AnsweredAgain() -> answerAgain(execution, input.envelope(), input.replyTo());
      case Rejected(var reason, var detail) -> {
        if (input.replyTo().waiting()) {
          send(
              emissions.reply(
                  record.key(),
                  replyEnvelope(input.envelope(), input.replyTo()),
                  input.replyTo().replyPartition(),
                  new RefusalReplied(input.replyTo().replyInstance(), reason.code(), detail)));
        } else {
          context.deadLetters().add(record, detail);
        }
      }
      case Impossible(var why) -> {
        context.deadLetters().add(record, why);
        accept(
            execution,
            List.of(new ExecutionQuarantined(why)),
            input.envelope(),
            input.position(),
            input.at());
      }
    }
  }

  private Decision decide(
      Execution execution, ExecutionCommand command, Envelope cause, Position input, Instant at) {
    Decision decision = ExecutionDecider.decide(execution.state(), command, at);
    if (decision instanceof Accepted(var facts)) {
      accept(execution, facts, cause, input, at);
    }
    return decision;
  }

  private void accept(
      Execution execution,
      List<ExecutionEvent> facts,
      Envelope cause,
      Position input,
      Instant at) {
    for (ExecutionEvent body : facts) {
      ExecutionState before = execution.state();
      Event<ExecutionEvent> fact =
          Emissions.fact(cause, input, before.sequence() + 1, at, body);
      var record = emissions.factRecord(execution.key(), fact);
      execution.apply(fact, record.value());
      sink.send(record, (p, offset) -> nextFact.accumulateAndGet(offset + 1, Math::max));
      for (Consequence consequence : Consequences.of(before, fact)) {
        send(
            emissions.consequence(
                execution.key(), fact, execution.state().begun().orElseThrow(), consequence));
      }
    }
    memory.touch(execution);
    reschedule(execution);
  }

  private void answerAgain(Execution execution, Envelope cause, ReplyAddress replyTo) {
    if (replyTo.waiting() && execution.state() instanceof Finished finished) {
      send(
          emissions.reply(
              execution.key(),
              replyEnvelope(cause, replyTo),
              replyTo.replyPartition(),
              Consequences.answer(
                  replyTo.replyInstance(), finished.terminal(), finished.terminalSequence())));
    }
  }

  private static Envelope replyEnvelope(Envelope cause, ReplyAddress replyTo) {
    return Emissions.caused(
        cause,
        NameIds.uuid5("reply", cause.eventId().toString(), replyTo.replyInstance()));
  }

  private void send(org.apache.kafka.clients.producer.ProducerRecord<String, byte[]> record) {
    sink.send(record, RecordSink.Written.UNNEEDED);
  }

  private void commit() {
    sink.commit();
    save();
  }

  private void save() {
    Map<String, Long> next = new TreeMap<>();
    nextInput.forEach((topic, offset) -> next.put(topic.topicName(), offset));
    next.put(Topic.EXECUTIONS.topicName(), nextFact.get());
    memory.save(new ExecutionShelf.Place(context.logId(), next));
  }

  private void reschedule(Execution execution) {
    String key = execution.key();
    waiting.note(execution);
    if (execution.settled()) {
      leases.forget(key);
    }
    due.set(key, leases.nextDue(key, execution.state()));
  }

  @Override
  public void passTime() {
    Instant now = context.clock().instant();
    List<String> keys = new ArrayList<>();
    for (String key = due.takeDue(now); key != null && keys.size() < 500; ) {
      keys.add(key);
      key = keys.size() < 500 ? due.takeDue(now) : null;
    }
    keys.forEach(key -> look(memory.get(key), now));
    waiting.arrived().forEach(key -> proceed(memory.get(key), now));
    commit();
    if (!now.isBefore(nextExpiry)) {
      shelf.expire(now.minus(context.finishedKept()), 10_000);
      nextExpiry = now.plus(Duration.ofSeconds(10));
    }
  }

  private void look(Execution execution, Instant now) {
    execution
        .state()
        .begun()
        .ifPresent(
            origin -> {
              var policy = context.plans().policy(origin);
              Envelope cause = Emissions.caused(origin.envelope(), origin.envelope().eventId());
              for (var task : leases.expired(execution.key(), execution.state(), now)) {
                var giveUp = new ExecutionCommand.GiveUpTask(task, policy);
                decide(execution, giveUp, cause, Position.NONE, now);
              }
              var pass = new ExecutionCommand.PassTime(policy);
              decide(execution, pass, cause, Position.NONE, now);
            });
    reschedule(execution);
  }

  private void proceed(Execution execution, Instant now) {
    execution
        .state()
        .begun()
        .ifPresent(
            origin ->
                decide(
                    execution,
                    new ExecutionCommand.ContinueExecution(context.plans().plan(origin)),
                    Emissions.caused(origin.envelope(), origin.envelope().eventId()),
                    Position.NONE,
                    now));
  }

  @Override
  public Duration untilDue() {
    if (waiting.hasArrived()) {
      return Duration.ZERO;
    }
    Instant now = context.clock().instant();
    return due.next()
        .filter(at -> at.isBefore(nextExpiry))
        .map(at -> Duration.between(now, at))
        .orElseGet(() -> Duration.between(now, nextExpiry));
  }

  @Override
  public void close() {
    waiting.close();
    sink.close();
    shelf.close();
  }
}
