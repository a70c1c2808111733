package dev.nexus.command.topology;

import dev.nexus.command.execution.ImpossibleFactException;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.topic.Topic;
import dev.nexus.wire.UnreadableRecordException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the executions of a partition to where the log stands, by folding the facts that the
/// shelf lacks.
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final List<Topic> INPUTS = List.of(Topic.REQUESTS, Topic.OUTCOMES);
  private static final int SAVED_AT_ONCE = 2_000;

  private final RouterContext context;
  private final ShelfSnapshots snapshots;
  private final ExecutionShelf shelf;
  private final ExecutionMemory memory;
  private final Reach reach;
  private final Map<String, String> stopped = new LinkedHashMap<>();
  private final Map<Topic, Long> begins = new EnumMap<>(Topic.class);
  private final Map<Topic, Long> ends = new EnumMap<>(Topic.class);
  private final Map<Topic, String> logs = new EnumMap<>(Topic.class);
  private final NewestFacts newest = new NewestFacts();
  private int unsaved;

  Recovery(
      RouterContext context,
      ShelfSnapshots snapshots,
      ExecutionShelf shelf,
      ExecutionMemory memory,
      Reach reach) {
    this.context = context;
    this.snapshots = snapshots;
    this.shelf = shelf;
    this.memory = memory;
    this.reach = reach;
  }

  /// Folds what the shelf lacks but the newest facts, of which it is not told until what follows
  /// from them is on the log; gives the number of all. It saves as often as the memory is full: a
  /// log of any size is folded in the same heap.
  long fold(FactTail tail) {
    // All questions first: once it reads, an answer waits behind the fetch under way.
    for (Topic topic : INPUTS) {
      begins.put(topic, tail.begin(topic));
      ends.put(topic, tail.end(topic));
    }
    logs.putAll(LogIdentity.of(context.clients(), INPUTS));
    long end = tail.end(Topic.EXECUTIONS);
    // Before anything is written there: later it could not be told from what comes instead.
    snapshots.retractBeyond(end);
    reach.begin(checkpoint(tail, end));
    long facts = tail.read(reach.nextFact(), this::read);
    save();
    return facts;
  }

  /// Hands over what follows from the newest facts and the predecessor may not have sent.
  void missing(Emissions emissions, FactTail tail, Consumer<ProducerRecord<String, byte[]>> each) {
    newest.missing(memory, emissions, tail, each);
  }

  /// Folds the newest facts too, when what follows from them is on the log.
  void foldNewest() {
    newest.all().forEach(this::take);
    for (Topic topic : INPUTS) {
      long begin = begins.getOrDefault(topic, 0L);
      follow(topic, logs.getOrDefault(topic, ""), begin);
      bound(topic, begin);
    }
  }

  /// Executions that met a fact that cannot be, and why, while no fact says so.
  Map<String, String> stopped() {
    return stopped;
  }

  /// Where the inputs ended when this began.
  Map<Topic, Long> ends() {
    return ends;
  }

  /// A topic that was deleted and created anew has nothing of what was read of it, and may be as
  /// long again: all that is on it is new.
  private void follow(Topic topic, String log, long begin) {
    if (reach.follow(topic, log, begin)) {
      LOG.atWarn()
          .addKeyValue("topic", topic.topicName())
          .addKeyValue("partition", snapshots.partition())
          .log("the topic was created anew: it is read from its beginning");
    }
  }

  /// Keeps the position of an input inside of what the log has.
  private void bound(Topic topic, long begin) {
    long end = ends.getOrDefault(topic, 0L);
    long next = reach.bound(topic, begin, end);
    if (next > end) {
      LOG.atWarn()
          .addKeyValue("topic", topic.topicName())
          .addKeyValue("expected", next)
          .addKeyValue("found", end)
          .log("the log has lost its end: work whose outcome it held is asked for again");
    }
  }

  /// Where the shelf stands. A shelf of another log, one that has facts that the log has lost with
  /// the power, or one that is so far behind that the log no longer has what follows, is worth
  /// nothing: then the newest snapshot is put on it.
  private ExecutionShelf.Checkpoint checkpoint(FactTail tail, long end) {
    long begin = tail.begin(Topic.EXECUTIONS);
    ExecutionShelf.Checkpoint checkpoint = shelf.checkpoint();
    long next = checkpoint.next().getOrDefault(Topic.EXECUTIONS.topicName(), 0L);
    if (checkpoint.log().equals(context.logId()) && next >= begin && next <= end) {
      if (checkpoint.last().filter(last -> isLost(tail, last, next, begin)).isEmpty()) {
        return checkpoint;
      }
      LOG.atWarn()
          .addKeyValue("partition", snapshots.partition())
          .addKeyValue("position", next)
          .log("the log has lost its end and has other facts there: the shelf is made anew");
    }
    return snapshots.restore(begin, end, tail::lostEnd).orElseGet(() -> noCheckpoint(begin));
  }

  /// Another owner, elsewhere, has written facts there since.
  private static boolean isLost(FactTail tail, Imprint last, long next, long begin) {
    return last.offset() >= begin && tail.lostEnd(last, next);
  }

  /// Without a snapshot, open executions would be seen as impossible and answered calls run again.
  private ExecutionShelf.Checkpoint noCheckpoint(long begin) {
    if (begin > 0 && !context.limits().goOnWithoutSnapshot()) {
      throw new CannotGoOnException(
          "the facts of "
              + Topic.EXECUTIONS.topicName()
              + " partition "
              + snapshots.partition()
              + " before "
              + begin
              + " were deleted, and no snapshot has what followed from them",
          "make "
              + context.snapshots().store().directory()
              + " (NEXUS_SNAPSHOT_DIR) available as it was, or set NEXUS_WITHOUT_SNAPSHOT=true to"
              + " go on without what was open or answered then");
    }
    shelf.clear();
    return ExecutionShelf.Checkpoint.NONE;
  }

  private void read(ConsumerRecord<String, byte[]> record) {
    newest.add(record).forEach(this::take);
    if (++unsaved >= SAVED_AT_ONCE) {
      save();
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    fold(record);
    if (memory.full()) {
      save();
    }
  }

  private void fold(ConsumerRecord<String, byte[]> record) {
    reach.folded(record);
    if (record.key() == null) {
      context.deadLetters().add(record, "a key expected, found none");
      return;
    }
    Execution execution = memory.get(record.key());
    try {
      fold(execution, RouterContext.fact(record.key(), record.value()), record);
    } catch (UnreadableRecordException e) {
      String reason = deadLettered(record, e);
      stopped.put(record.key(), reason);
      execution.stop(execution.state().sequence() + 1, reason);
    }
    memory.touch(execution);
  }

  private void fold(
      Execution execution, Event<ExecutionEvent> fact, ConsumerRecord<String, byte[]> record) {
    try {
      execution.apply(fact, record.value());
      reach.decidedFrom(fact.envelope().input());
      if (fact.body() instanceof ExecutionQuarantined) {
        stopped.remove(record.key());
      }
    } catch (ImpossibleFactException e) {
      if (!execution.has(fact, record.value())) {
        String reason = deadLettered(record, e);
        stopped.put(record.key(), reason);
        execution.stop(fact, record.value(), reason);
      }
    }
  }

  private String deadLettered(ConsumerRecord<String, byte[]> record, RuntimeException e) {
    String reason = String.valueOf(e.getMessage());
    context.deadLetters().add(record, reason);
    return reason;
  }

  private void save() {
    memory.save(reach.checkpoint(context.logId()));
    unsaved = 0;
  }
}
