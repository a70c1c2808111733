package dev.nexus.command.valueowner;

import dev.nexus.command.value.Recorded;
import dev.nexus.command.value.ValueDecision;
import dev.nexus.command.value.ValueDecision.Accepted;
import dev.nexus.command.value.ValueDecision.Answered;
import dev.nexus.command.value.ValueDecision.Refused;
import dev.nexus.command.value.ValueTable;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueEvent.RequestsDecided;
import dev.nexus.event.value.ValueReplyEvent;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.PartitionWork;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.platform.stream.RecordSink.Outgoing;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The owner of one partition of values. A fact stands on the same partition number as the request
/// it was decided from and names its place, so a new owner, which fences the old one, goes on
/// behind the newest of them. What changed nothing is decided again then, and as nothing has
/// changed since, it is answered alike.
final class ValuePartition implements PartitionWork {
  private static final Logger LOG = LoggerFactory.getLogger(ValuePartition.class);

  /// Facts and answers in one write.
  private static final int BYTES_A_WRITE = 1 << 20;

  private static final int REMOVED_AT_ONCE = 1_000;

  /// Longest that requests wait for removals; what is left is removed after them, without a rest.
  private static final Duration REMOVES_WITHIN = Duration.ofMillis(250);

  /// Requests that a new owner may have to decide again.
  private static final int DECIDED_UNTOLD = 1_000;

  /// How far the clock of this host may be before that of the brokers, by which values expire.
  private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

  private final ValueContext context;
  private final int partition;
  private final RecordSink sink;
  private final ValueTable table;
  private final ReplyPartitions replies;
  private long pendingBytes;

  /// Place of the next request.
  private long next;

  private long decidedTo = -1;

  /// Newest request of which the log says that it is decided.
  private long toldTo = -1;

  /// Whether the log has all that was decided: not while it is written, nor after that failed.
  private boolean sound;

  /// Whether no request came since time passed last.
  private boolean idle;

  /// Whether there was more to remove than there was time for.
  private boolean behind;

  ValuePartition(ValueContext context, int partition) {
    this.context = context;
    this.partition = partition;
    this.table = new ValueTable(context.limits());
    this.replies = new ReplyPartitions(context.clients());
    this.sink = context.sinks().open(partition);
  }

  @Override
  public Map<TopicPartition, Long> recover() {
    var recovery = new ValueRecovery(context, table, partition);
    next = recovery.fold();
    decidedTo = recovery.decidedTo();
    toldTo = decidedTo;
    sound = true;
    LOG.atInfo()
        .addKeyValue("partition", partition)
        .addKeyValue("records", recovery.records())
        .addKeyValue("next", next)
        .log("partition of values recovered");
    var input = new TopicPartition(context.clients().name(Topic.VALUE_REQUESTS), partition);
    return Map.of(input, next);
  }

  @Override
  public int process(List<ConsumerRecord<String, byte[]>> records) {
    sound = false;
    idle = false;
    for (ConsumerRecord<String, byte[]> record : records) {
      read(record).ifPresent(request -> decide(request, record));
      decidedTo = record.offset();
      next = decidedTo + 1;
      if (pendingBytes >= BYTES_A_WRITE) {
        commit();
      }
    }
    commit();
    sound = true;
    return records.size();
  }

  private Optional<Event<ValueRequestEvent>> read(ConsumerRecord<String, byte[]> record) {
    try {
      Event<ValueRequestEvent> request = ValueContext.REQUESTS.decode(record.value());
      Envelope envelope = request.envelope();
      String key = Keys.values(envelope.tenantId(), envelope.appId());
      if (!key.equals(record.key())) {
        throw new UnreadableRecordException("the key " + key + " expected, found " + record.key());
      }
      return Optional.of(request);
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      context.deadLetters().add(record, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void decide(Event<ValueRequestEvent> request, ConsumerRecord<String, byte[]> record) {
    Instant at = Instant.ofEpochMilli(record.timestamp());
    ValueDecision decision = table.decide(request, record.offset(), at);
    ReplyAddress replyTo = request.body().replyTo();
    List<Outgoing> out = new ArrayList<>();
    switch (decision) {
      case Accepted(var body) -> {
        Event<ValueEvent> fact = fact(request.envelope(), body, record.offset());
        table.take(fact);
        toldTo = record.offset();
        out.add(
            new Outgoing(
                record(
                    Keys.value(fact.envelope().tenantId(), fact.envelope().appId(), key(body)),
                    fact)));
        Recorded.of(body)
            .map(recorded -> recorded.reply(replyTo.replyInstance()))
            .ifPresent(reply -> out.addAll(reply(request.envelope(), replyTo, reply, record)));
      }
      case Answered(var reply) -> out.addAll(reply(request.envelope(), replyTo, reply, record));
      case Refused(var reply) -> out.addAll(reply(request.envelope(), replyTo, reply, record));
    }
    write(out);
  }

  private static String key(ValueEvent body) {
    return switch (body) {
      case ValueEvent.ValueSet set -> set.valueKey();
      case ValueEvent.ValueIncremented incremented -> incremented.valueKey();
      case ValueEvent.ValueDeleted deleted -> deleted.valueKey();
      case RequestsDecided _ -> throw new IllegalArgumentException("it is about no value");
    };
  }

  private Event<ValueEvent> fact(Envelope cause, ValueEvent body, long offset) {
    return new Event<>(
        new Envelope(
            id("value", cause.eventId().toString(), offset),
            table.now(),
            cause.tenantId(),
            cause.appId(),
            "",
            0,
            cause.eventId().toString(),
            cause.correlationId(),
            cause.actor(),
            cause.traceparent(),
            place(offset)),
        body);
  }

  private UUID id(String what, String cause, long offset) {
    return NameIds.uuid5(what, cause, partition + "/" + offset);
  }

  private Position place(long offset) {
    return new Position(Topic.VALUE_REQUESTS.topicName(), partition, offset);
  }

  private ProducerRecord<String, byte[]> record(String key, Event<ValueEvent> fact) {
    return EventRecords.of(
        context.clients(), ValueContext.FACTS, Topic.VALUES, partition, key, fact);
  }

  /// Nothing where nobody waits, or where no instance of ours can.
  private List<Outgoing> reply(
      Envelope cause,
      ReplyAddress replyTo,
      ValueReplyEvent reply,
      ConsumerRecord<String, byte[]> request) {
    if (!replyTo.waiting() || !replies.have(replyTo.replyPartition())) {
      return List.of();
    }
    var envelope =
        new Envelope(
            id("value-reply", cause.eventId().toString(), request.offset()),
            table.now(),
            cause.tenantId(),
            cause.appId(),
            "",
            0,
            cause.eventId().toString(),
            cause.correlationId(),
            cause.actor(),
            cause.traceparent(),
            place(request.offset()));
    return List.of(
        new Outgoing(
            EventRecords.of(
                context.clients(),
                ValueContext.REPLIES,
                Topic.VALUE_REPLIES,
                replyTo.replyPartition(),
                request.key(),
                new Event<>(envelope, reply))));
  }

  private void write(List<Outgoing> out) {
    sink.write(out);
    for (Outgoing each : out) {
      byte[] value = each.record().value();
      pendingBytes += value == null ? 0 : value.length;
    }
  }

  private void commit() {
    sink.commit();
    pendingBytes = 0;
  }

  /// Removes from the log what is gone, and says in a quiet moment how far requests are decided.
  @Override
  public void passTime() {
    table.letPass(context.clock().instant().minus(CLOCKS_APART), next);
    boolean untold = decidedTo - toldTo >= (idle ? 1 : DECIDED_UNTOLD);
    long begun = System.nanoTime();
    List<String> gone = table.gone(REMOVED_AT_ONCE);
    while (!gone.isEmpty() || untold) {
      tell(gone);
      untold = false;
      gone =
          System.nanoTime() - begun < REMOVES_WITHIN.toNanos()
              ? table.gone(REMOVED_AT_ONCE)
              : List.of();
    }
    behind = !table.gone(1).isEmpty();
    idle = true;
    sink.passTime();
  }

  /// What is removed no longer says how far requests are decided, so a record that does goes before
  /// it, in the same write.
  private void tell(List<String> gone) {
    sound = false;
    List<Outgoing> out = new ArrayList<>();
    if (decidedTo >= 0) {
      out.add(new Outgoing(decided()));
    }
    String values = context.clients().name(Topic.VALUES);
    gone.forEach(key -> out.add(new Outgoing(new ProducerRecord<>(values, partition, key, null))));
    write(out);
    commit();
    gone.forEach(table::takeRemoval);
    toldTo = decidedTo;
    sound = true;
  }

  private ProducerRecord<String, byte[]> decided() {
    var id = id("values-decided", "", decidedTo);
    var envelope =
        new Envelope(
            id,
            table.now(),
            TenantId.DEFAULT,
            "",
            "",
            0,
            "",
            id.toString(),
            "service:values",
            "",
            place(decidedTo));
    return record(
        Keys.valuesDecided(TenantId.DEFAULT, partition),
        new Event<>(envelope, new RequestsDecided()));
  }

  @Override
  public boolean healthy() {
    return sink.healthy();
  }

  @Override
  public Duration untilDue() {
    return behind ? Duration.ZERO : Duration.ofSeconds(1);
  }

  /// A successor has nothing to decide again, where the log takes this.
  @Override
  public void close() {
    try {
      if (sound && decidedTo > toldTo) {
        tell(List.of());
      }
    } catch (RuntimeException e) {
      LOG.atDebug().setCause(e).log("a successor decides some requests again");
    } finally {
      sink.close();
    }
  }
}
