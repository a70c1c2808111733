package dev.nexus.command.topology;

import dev.nexus.command.execution.Decision;
import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.Decision.AnsweredAgain;
import dev.nexus.command.execution.Decision.Ignored;
import dev.nexus.command.execution.Decision.Impossible;
import dev.nexus.command.execution.Decision.Rejected;
import dev.nexus.command.execution.ExecutionCommand;
import dev.nexus.command.execution.ExecutionCommand.ContinueExecution;
import dev.nexus.command.execution.ExecutionCommand.GiveUpTask;
import dev.nexus.command.execution.ExecutionCommand.PassTime;
import dev.nexus.command.execution.ExecutionDecider;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.Plan;
import dev.nexus.command.topology.Emissions.Draft;
import dev.nexus.command.topology.Emissions.Occasion;
import dev.nexus.event.Excerpt;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.platform.stream.PartitionWork;
import dev.nexus.topic.Topic;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The router of one partition: reads requests and outcomes, decides, applies, and writes facts
/// and what follows from them once a poll. A crash leaves the facts of a decision all or not at
/// all; what is not there is decided again from the inputs, with the same ids, and what should have
/// followed from facts that are there is sent again.
final class RouterPartition implements PartitionWork {
  private static final Logger LOG = LoggerFactory.getLogger(RouterPartition.class);
  private static final int LONGEST_REASON = 1_000;

  /// Longest time that timers wait for what stood on the log before this owner came.
  private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(30);

  private static final Duration CATALOG_PATIENCE = Duration.ofSeconds(10);

  private final RouterContext context;
  private final int partition;
  private final ExecutionShelf shelf;
  private final ShelfUpkeep upkeep;
  private final Outbox outbox;
  private final ExecutionMemory memory;
  private final Emissions emissions;
  private final Responses responses;
  private final Leases leases;
  private final DueTimes due = new DueTimes();
  private final Reach reach = new Reach();
  private final WaitingExecutions waiting;
  private RouterInput.Layout layout = new RouterInput.Layout(1, 1);
  private Map<Topic, Long> backlog = Map.of();
  private Instant ownedSince;

  RouterPartition(RouterContext context, int partition) {
    this.context = context;
    this.partition = partition;
    // Its lock lets no second owner in this process write before the first has ended.
    this.shelf = new ExecutionShelf(context.directory().resolve(Integer.toString(partition)));
    try {
      this.outbox = new Outbox(context.sinks().open(partition));
    } catch (RuntimeException | Error e) {
      shelf.close();
      throw e;
    }
    this.upkeep = new ShelfUpkeep(context, partition, shelf);
    this.emissions = new Emissions(context, partition, () -> layout);
    this.responses = new Responses(context.deadLetters(), emissions, outbox);
    this.ownedSince = context.clock().instant();
    this.leases = new Leases(ownedSince);
    this.waiting = new WaitingExecutions(context.catalog());
    this.memory = new ExecutionMemory(shelf, RouterContext.FACTS, context.limits());
  }

  @Override
  public Map<TopicPartition, Long> recover() {
    // What was begun by another owner was begun by versions that may have just been published.
    context.catalog().awaitCurrent(CATALOG_PATIENCE);
    try (FactTail tail = new FactTail(context.clients(), partition)) {
      layout =
          new RouterInput.Layout(tail.partitions(Topic.REQUESTS), tail.partitions(Topic.REPLIES));
      var recovery = new Recovery(context, upkeep.snapshots(), shelf, memory, reach);
      long facts = recovery.fold(tail);
      recovery.missing(emissions, tail, outbox::write);
      outbox.commit();
      recovery.foldNewest();
      recovery.stopped().forEach(this::recordQuarantine);
      commit();
      memory.forEachOpen(this::reschedule);
      LOG.atInfo()
          .addKeyValue("partition", partition)
          .addKeyValue("facts", facts)
          .addKeyValue("took", Duration.between(ownedSince, context.clock().instant()))
          .log("router partition recovered");
      backlog = recovery.ends();
      return reach.positions(context.clients(), partition);
    }
  }

  private void recordQuarantine(String key, String reason) {
    Execution execution = memory.get(key);
    if (!(execution.state() instanceof Quarantined)) {
      execution.stop(execution.state().sequence() + 1, reason);
    }
    execution
        .state()
        .begun()
        .ifPresent(
            origin ->
                write(
                    execution,
                    quarantining(execution, reason, Occasion.ofTime(origin, ownedSince))));
    outbox.seal();
  }

  private List<Draft> quarantining(Execution execution, String why, Occasion occasion) {
    var quarantined =
        new ExecutionQuarantined(
            Excerpt.of(why, LONGEST_REASON), reach.nextRequest(occasion.input()));
    return emissions.drafts(execution, List.of(quarantined), occasion);
  }

  @Override
  public int process(List<ConsumerRecord<String, byte[]>> records) {
    for (ConsumerRecord<String, byte[]> record : records) {
      Topic topic = context.topicOf(record.topic());
      read(topic, record).ifPresent(input -> handle(input, memory.get(record.key()), record));
      seal();
      reach.read(topic, record.offset());
      commitWhenFull();
    }
    commit();
    return records.size();
  }

  private Optional<RouterInput> read(Topic topic, ConsumerRecord<String, byte[]> record) {
    try {
      return Optional.of(RouterInput.read(topic, record, layout));
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      context.deadLetters().add(record, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void handle(
      RouterInput input, Execution execution, ConsumerRecord<String, byte[]> record) {
    ExecutionState before = execution.state();
    if (input.signOfLife().isPresent()) {
      leases.heard(execution.key(), before, input.signOfLife().get(), context.clock().instant());
      reschedule(execution);
      return;
    }
    var occasion = new Occasion(input.envelope(), input.position(), input.at());
    settle(input, execution, record, occasion);
    if (before instanceof Quarantined quarantined && !(execution.state() instanceof Quarantined)) {
      play(quarantined.parked(), execution, occasion);
    }
  }

  /// Decides on what came while the execution stood still, as part of the decision to release it.
  /// The facts name the release as their input, as that is where a new owner reads on.
  private void play(List<Position> parked, Execution execution, Occasion release) {
    for (var record : ParkedRecords.read(context, partition, execution.key(), parked)) {
      if (execution.state() instanceof Quarantined) {
        context.deadLetters().add(record, "was parked, and its execution is quarantined again");
      } else {
        read(context.topicOf(record.topic()), record)
            .ifPresent(input -> settle(input, execution, record, release.with(input.envelope())));
      }
    }
  }

  private void settle(
      RouterInput input, Execution execution, ConsumerRecord<String, byte[]> record, Occasion on) {
    ExecutionState before = execution.state();
    Optional<Rejected> foreign = ExecutionDecider.foreign(before, input.speaksFor());
    Decision decision =
        foreign.isPresent()
            ? foreign.get()
            : decide(
                execution,
                on,
                () -> input.command(context.plans(), before, reach.backlog(input.position())));
    switch (decision) {
      case Accepted _ -> {
        if (before instanceof Quarantined(Finished _, _, _, _, _)) {
          responses.answer(execution, input);
        }
        responses.receipt(execution, input);
      }
      case Ignored _ -> responses.receipt(execution, input);
      case AnsweredAgain() -> responses.answer(execution, input);
      case Rejected rejected -> responses.refuse(rejected, input, record);
      case Impossible(var why) -> {
        context.deadLetters().add(record, why);
        quarantine(execution, why, on);
        // Whoever asks is no caller of the execution yet, so its end may not reach him.
        if (input.replyTo().waiting()) {
          responses.tell(input, record.key(), Impossible.CODE, Excerpt.of(why, LONGEST_REASON));
        }
      }
    }
  }

  /// Decides, and writes what was accepted. A decision that fails is an impossible one: it must
  /// stop its execution, never the partition. The deepest JSON that is read takes more than half
  /// of a usual stack to follow, so what it does not fit is a thread with a smaller one.
  private Decision decide(
      Execution execution, Occasion occasion, Supplier<ExecutionCommand> command) {
    Decision decision;
    List<Draft> drafts = List.of();
    try {
      decision = ExecutionDecider.decide(execution.state(), command.get(), occasion.at());
      if (decision instanceof Accepted(var facts)) {
        drafts = emissions.drafts(execution, facts, occasion);
      }
    } catch (InterruptException e) {
      throw e; // its thread is to end, which says nothing about the execution
    } catch (RuntimeException | StackOverflowError e) {
      LOG.atError().setCause(e).addKeyValue("execution", execution.key()).log("decision failed");
      decision = new Impossible("a decision failed: " + e);
    }
    write(execution, drafts);
    return decision;
  }

  private void write(Execution execution, List<Draft> drafts) {
    for (Draft draft : drafts) {
      execution.take(draft.after(), draft.fact(), draft.record().value());
      outbox.add(draft.record(), (p, offset) -> reach.wrote(offset, draft.record()));
      context.times().end(draft.fact(), draft.after()).ifPresent(outbox::afterwards);
      draft.consequences().forEach(outbox::add);
      if (draft.fact().body() instanceof TaskStarted(var task, _, _)) {
        leases.heard(execution.key(), execution.state(), task, context.clock().instant());
      }
    }
    if (!drafts.isEmpty()) {
      memory.touch(execution);
      reschedule(execution);
    }
  }

  private void quarantine(Execution execution, String why, Occasion occasion) {
    if (execution.state().begun().isPresent() && !(execution.state() instanceof Quarantined)) {
      write(execution, quarantining(execution, why, occasion));
    }
  }

  /// A decision names its input, and nothing before that is read again: so the log must have what
  /// was put aside by then.
  private void seal() {
    if (!outbox.isEmpty()) {
      responses.commit();
    }
    outbox.seal();
  }

  private void commit() {
    responses.commit();
    outbox.commit();
    memory.save(reach.checkpoint(context.logId()));
  }

  /// What is not saved is held in the heap, and inputs may be large.
  private void commitWhenFull() {
    if (memory.full()) {
      commit();
    }
  }

  private void reschedule(Execution execution) {
    String key = execution.key();
    waiting.note(execution);
    leases.tidy(key, execution.state());
    due.set(key, leases.nextDue(key, execution.state()));
  }

  @Override
  public void passTime() {
    Instant now = context.clock().instant();
    if (leases.setBack(now)) {
      ownedSince = ownedSince.isBefore(now) ? ownedSince : now;
      memory.forEachOpen(this::reschedule);
    }
    if (timersRun(now)) {
      due.takeDue(now, 500).forEach(key -> look(memory.get(key), now));
    }
    waiting.arrived().forEach(key -> proceed(memory.get(key), now));
    commit();
    outbox.passTime();
    upkeep.run(now);
  }

  @Override
  public boolean healthy() {
    return outbox.healthy();
  }

  /// What was reported before this owner came counts before the clock does.
  private boolean timersRun(Instant now) {
    if (!backlog.isEmpty()
        && (reach.covers(backlog) || now.isAfter(ownedSince.plus(BACKLOG_PATIENCE)))) {
      backlog = Map.of();
    }
    return backlog.isEmpty();
  }

  private void look(Execution execution, Instant now) {
    execution
        .state()
        .begun()
        .ifPresent(
            origin -> {
              var occasion = Occasion.ofTime(origin, now);
              for (var task : leases.expired(execution.key(), execution.state(), now)) {
                timed(execution, occasion, () -> new GiveUpTask(task, policy(execution)));
              }
              timed(execution, occasion, () -> new PassTime(policy(execution)));
            });
    looked(execution);
  }

  private Plan.Policy policy(Execution execution) {
    return context.plans().policy(execution.state().begun().orElseThrow());
  }

  private void timed(Execution execution, Occasion occasion, Supplier<ExecutionCommand> command) {
    if (decide(execution, occasion, command) instanceof Impossible(var why)) {
      quarantine(execution, why, occasion);
    }
  }

  private void looked(Execution execution) {
    outbox.seal();
    reschedule(execution);
    commitWhenFull();
  }

  private void proceed(Execution execution, Instant now) {
    execution
        .state()
        .begun()
        .ifPresent(
            origin ->
                timed(
                    execution,
                    Occasion.ofTime(origin, now),
                    () -> new ContinueExecution(context.plans().plan(origin))));
    looked(execution);
  }

  @Override
  public Duration untilDue() {
    Instant now = context.clock().instant();
    Duration look =
        due.next()
            .filter(at -> at.isBefore(upkeep.next()) && timersRun(now))
            .map(at -> Duration.between(now, at))
            .orElseGet(() -> Duration.between(now, upkeep.next()));
    return waiting.untilArrival().filter(at -> at.compareTo(look) < 0).orElse(look);
  }

  ExecutionMemory memory() {
    return memory;
  }

  /// In the opposite order, and all of them whatever one throws: a shelf that stays locked would
  /// let no owner of this process recover.
  @Override
  public void close() {
    try (shelf;
        upkeep;
        outbox;
        memory;
        waiting) {
      LOG.atDebug().addKeyValue("partition", partition).log("router partition ends");
    }
  }
}
