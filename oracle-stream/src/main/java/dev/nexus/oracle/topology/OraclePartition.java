package dev.nexus.oracle.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.task.FailureClass;
import dev.nexus.oracle.topology.Components.Ownership;
import dev.nexus.oracle.topology.Outbox.Pending;
import dev.nexus.platform.blob.PayloadGoneException;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.platform.stream.Pace;
import dev.nexus.platform.stream.Transaction;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.RecordTime;
import dev.nexus.wire.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does the oracle's work for the components of one partition, on a thread of its own: loads what
/// the log holds, catches up with nexus.executions, then decides as facts come. Any failure ends
/// the round; the next one begins with loading, so memory never runs ahead of the log.
final class OraclePartition implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OraclePartition.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration BETWEEN_SMALL_BATCHES = Duration.ofMillis(20);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /// A fenced owner lets its group tell it first whether the partition is still its own; it must be
  /// longer than a heartbeat of the group, or two owners would fence each other by turns.
  private static final Duration PAUSE_AFTER_FENCING = Duration.ofSeconds(3);

  /// What every partition of an oracle shares.
  record Surroundings(
      KafkaClients clients,
      DefinitionCatalog catalog,
      DeadLetters deadLetters,
      Payloads payloads,
      Snapshots snapshots,
      Duration snapshotEvery,
      Clock clock,
      AtomicLong definitionChanges) {}

  private final Surroundings around;
  private final Ownership ownership;
  private final EventCodec<ExecutionEvent> facts =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicBoolean live = new AtomicBoolean();
  private final FailedFacts failed = new FailedFacts();
  private final Thread thread;

  /// What the writer last said about itself.
  private volatile boolean sound = true;

  /// Where it stands on the partitions of nexus.executions that it tells of, for others to see.
  private volatile Map<TopicPartition, Long> told = Map.of();

  OraclePartition(Surroundings around, Ownership ownership) {
    this.around = around;
    this.ownership = ownership;
    this.thread =
        Thread.ofPlatform().daemon().name("oracle-" + ownership.partition()).unstarted(this::run);
  }

  OraclePartition start() {
    thread.start();
    return this;
  }

  /// Whether it decides, and its writes can be looked after.
  boolean healthy() {
    return live.get() && sound;
  }

  /// How far it has read the partitions of nexus.executions of which it tells. Every owner reads
  /// all of them and tells of its share, so that one who stands still is seen.
  Map<TopicPartition, Long> progress() {
    return told;
  }

  private void run() {
    while (!isClosing()) {
      try {
        work();
      } catch (Throwable e) {
        // An Error too: nobody else would begin this partition again.
        live.set(false);
        LOG.atError()
            .setCause(e)
            .addKeyValue("partition", ownership.partition())
            .log("the oracle begins again from the log");
        pause(Transaction.isFenced(e) ? PAUSE_AFTER_FENCING : PAUSE_AFTER_FAILURE);
      } finally {
        live.set(false);
      }
    }
  }

  private void work() {
    Outbox outbox = new Outbox(around.clients(), ownership.partition());
    Components components =
        new Components(
            ownership,
            new Definitions(around.catalog()::current),
            outbox,
            new SystemApplication(around.catalog()::current));
    try (DecisionWriter writer = new DecisionWriter(around.clients(), ownership.partition());
        KafkaConsumer<String, byte[]> consumer =
            around.clients().assignedConsumer("oracle-executions-" + ownership.partition())) {
      components.load(new LogReader(around.clients(), around.deadLetters()));
      ExecutionFacts executions = new ExecutionFacts(components);
      Map<TopicPartition, Long> ends = startAtTheBeginning(consumer);
      Coverage coverage = coverage();
      Pace pace = new Pace(BETWEEN_SMALL_BATCHES, 200, closing);
      int read = 0;
      long changes = -1;
      while (pace.after(read)) {
        if (!live.get() && reached(consumer, ends)) {
          changes = around.definitionChanges().get();
          executions.goLive(around.clock().instant());
          live.set(true);
          LOG.atInfo()
              .addKeyValue("partition", ownership.partition())
              .addKeyValue("components", components.all().size())
              .log("oracle ready");
        } else if (live.get() && changes != around.definitionChanges().get()) {
          changes = around.definitionChanges().get();
          executions.followDefinitions(around.clock().instant());
        }
        write(outbox, writer, components);
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        read = records.count();
        for (ConsumerRecord<String, byte[]> record : records) {
          take(record, components, executions);
        }
        write(outbox, writer, components);
        writer.passTime();
        sound = writer.healthy();
        told = standing(consumer);
        if (live.get()) {
          coverage.reached(executions.read(), components);
        }
      }
    }
  }

  private Map<TopicPartition, Long> standing(KafkaConsumer<String, byte[]> consumer) {
    Map<TopicPartition, Long> standing = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      if (partition.partition() % ownership.partitions() == ownership.partition()) {
        standing.put(partition, consumer.position(partition));
      }
    }
    return Map.copyOf(standing);
  }

  private Coverage coverage() {
    String log =
        LogIdentity.of(around.clients(), List.of(Topic.EXECUTIONS))
            .getOrDefault(Topic.EXECUTIONS, "");
    return new Coverage(
        around.snapshots(), ownership.partition(), log, around.snapshotEvery(), around.clock());
  }

  private Map<TopicPartition, Long> startAtTheBeginning(KafkaConsumer<String, byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(around.clients().name(Topic.EXECUTIONS)).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return new HashMap<>(consumer.endOffsets(partitions));
  }

  private static boolean reached(
      KafkaConsumer<String, byte[]> consumer, Map<TopicPartition, Long> ends) {
    ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
    return ends.isEmpty();
  }

  private void take(
      ConsumerRecord<String, byte[]> record, Components components, ExecutionFacts executions) {
    executions.passed(record.partition(), record.offset());
    Position position =
        new Position(Topic.EXECUTIONS.topicName(), record.partition(), record.offset());
    if (concerns(record, components) && !failed.passes(position)) {
      read(record).ifPresent(fact -> take(fact, record, position, executions));
    }
    executions.passed(record.partition(), record.offset() + 1);
  }

  /// The fact; empty when the record is none, which concerns nobody any more.
  private Optional<Event<ExecutionEvent>> read(ConsumerRecord<String, byte[]> record) {
    try {
      Event<ExecutionEvent> fact = facts.decode(record.value());
      Envelope envelope = fact.envelope();
      RecordKey.require(envelope.tenantId() + "/" + envelope.executionId(), record.key());
      RecordTime.require(envelope.occurredAt());
      return Optional.of(whole(fact));
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      around.deadLetters().add(record, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /// What the system application answered is read, so its content is needed; of other executions
  /// a reference does.
  private Event<ExecutionEvent> whole(Event<ExecutionEvent> fact) {
    if (!fact.envelope().appId().equals(SystemApplication.APP)
        || !(fact.body() instanceof ExecutionSucceeded(var output, var tier))) {
      return fact;
    }
    ExecutionEvent body;
    try {
      Json content = around.payloads().content(fact.envelope().tenantId(), output);
      body = new ExecutionSucceeded(content, tier);
    } catch (PayloadGoneException e) {
      body = new ExecutionFailed(FailureClass.LOST, String.valueOf(e.getMessage()));
    }
    return new Event<>(fact.envelope(), body);
  }

  private void take(
      Event<ExecutionEvent> fact,
      ConsumerRecord<String, byte[]> record,
      Position position,
      ExecutionFacts executions) {
    try {
      executions.take(fact, position);
    } catch (RuntimeException | Error e) {
      if (failed.failedAgain(position)) {
        around.deadLetters().add(record, reason(e));
      }
      throw e;
    }
  }

  /// Broken JSON says in a sentence what is wrong with it; of anything else the name of its class
  /// is needed to find the fault.
  private static String reason(Throwable failure) {
    return failure instanceof MalformedJsonException
        ? String.valueOf(failure.getMessage())
        : failure.toString();
  }

  /// Told by the header alone, so that facts of other applications are not decoded.
  private static boolean concerns(ConsumerRecord<String, byte[]> record, Components components) {
    var source = record.headers().lastHeader("ce_source");
    return source == null
        || source.value() == null
        || components.concerns(new String(source.value(), StandardCharsets.UTF_8));
  }

  private static void write(Outbox outbox, DecisionWriter writer, Components components) {
    List<Pending> records = outbox.take();
    if (!records.isEmpty()) {
      writer.write(records).forEach((key, offset) -> components.get(key).serving().stands(offset));
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause(Duration time) {
    try {
      closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      closing.countDown();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
