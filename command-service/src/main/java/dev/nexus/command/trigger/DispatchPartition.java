package dev.nexus.command.trigger;

import dev.nexus.command.trigger.EventDecider.Decided;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Excerpt;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRepeated;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.NotReadInTimeException;
import dev.nexus.platform.stream.PartitionWork;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.platform.stream.RecordSink.Outgoing;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordTime;
import dev.nexus.wire.UnreadableRecordException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The dispatcher of one partition of `nexus.events`: decides on each accepted event once, in
/// order. The verdict stands in the same partition, the requests that follow from it on
/// `nexus.requests`, and both are written in one transaction: after kill -9 there are all of them
/// or none. A new owner, which fences the old one, goes on behind the newest verdict; so an event
/// with a verdict is never decided again, whatever definitions say by then, and one without is.
final class DispatchPartition implements PartitionWork {
  private static final Logger LOG = LoggerFactory.getLogger(DispatchPartition.class);
  private static final EventCodec<RequestEvent> REQUESTS =
      EventCodec.of(Topic.REQUESTS, RequestEvent.class);

  /// A write ends here, so that its transaction is short: readers of requests wait for its end.
  private static final int DECISIONS_A_WRITE = 200;

  private static final int BYTES_A_WRITE = 2 << 20;

  private static final int LONGEST_REASON = 1_000;
  private static final Duration VIEWS_READY_WITHIN = Duration.ofSeconds(30);

  /// Longest that an event keeps those behind it waiting before its partition is held back.
  private static final Duration VIEWS_CURRENT_WITHIN = Duration.ofSeconds(2);

  private final DispatchContext context;
  private final int partition;
  private final RecordSink sink;
  private DedupeWindow window;
  private int pending;
  private long pendingBytes;

  /// Whether the views were brought up to date since the records came that are processed now.
  private boolean upToDate;

  DispatchPartition(DispatchContext context, int partition) {
    this.context = context;
    this.partition = partition;
    this.sink = context.sinks().open(partition);
    this.window = context.emptyWindow();
  }

  @Override
  public Map<TopicPartition, Long> recover() {
    context.decider().await(VIEWS_READY_WITHIN);
    TopicPartition input = new TopicPartition(context.clients().name(Topic.EVENTS), partition);
    VerdictTail tail = VerdictTail.read(context, input);
    window = tail.window();
    LOG.atInfo()
        .addKeyValue("partition", partition)
        .addKeyValue("records", tail.records())
        .addKeyValue("remembered", window.size())
        .addKeyValue("next", tail.next())
        .log("dispatcher partition recovered");
    return Map.of(input, tail.next());
  }

  /// A disk that fails, or a view that cannot be brought up to date, is no fault of the event: the
  /// partition is held back at it, and what was decided before it is written.
  @Override
  public int process(List<ConsumerRecord<String, byte[]>> records) {
    upToDate = false;
    int done = 0;
    while (done < records.size() && isTaken(records.get(done))) {
      done++;
      if (pending >= DECISIONS_A_WRITE || pendingBytes >= BYTES_A_WRITE) {
        commit();
      }
    }
    commit();
    return done;
  }

  /// False when it cannot be decided for now; then nothing of it was written.
  private boolean isTaken(ConsumerRecord<String, byte[]> record) {
    Optional<Event<IngressEvent>> event = read(record);
    if (event.isEmpty() || !(event.get().body() instanceof EventAccepted accepted)) {
      return true;
    }
    Envelope envelope = event.get().envelope();
    Decided decided;
    try {
      decided = decided(envelope, accepted, record);
    } catch (UncheckedIOException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("partition", partition)
          .addKeyValue("offset", record.offset())
          .log("the data of an event could not be kept or read; its partition waits");
      return false;
    } catch (NotReadInTimeException | TimeoutException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("partition", partition)
          .addKeyValue("offset", record.offset())
          .log("what an event starts is not known up to now; its partition waits");
      return false;
    }
    take(envelope, accepted, decided, record);
    return true;
  }

  private Optional<Event<IngressEvent>> read(ConsumerRecord<String, byte[]> record) {
    try {
      Event<IngressEvent> event = DispatchContext.EVENTS.decode(record.value());
      Position about = event.envelope().input();
      if (event.body() instanceof EventAccepted) {
        RecordTime.require(event.envelope().occurredAt());
      } else if (about.inputOffset() < 0 || about.inputOffset() >= record.offset()) {
        throw new UnreadableRecordException(
            "a verdict about a record before " + record.offset() + " expected, found " + about);
      }
      return Optional.of(event);
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      context.deadLetters().add(record, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /// A copy starts nothing. Only what was refused is replayed, though, where another trigger of the
  /// same event may have started something: that one asks for an execution that the router knows.
  private Decided decided(
      Envelope envelope, EventAccepted accepted, ConsumerRecord<String, byte[]> record) {
    OptionalLong first = window.first(envelope.eventId(), record.offset(), envelope.occurredAt());
    return first.isPresent() && !EventRecords.replayed(record.headers())
        ? new Decided(
            new EventRepeated(accepted.outside(), first.getAsLong()), List.of(), List.of())
        : decideUpToDate(asked(envelope, record), accepted);
  }

  /// What starts nothing may start something that this process has not heard of yet, though it was
  /// there before the event. The views are brought up to date once for all records that came
  /// together, as they are all older than that.
  private Decided decideUpToDate(Envelope envelope, EventAccepted accepted) {
    Decided decided = decide(envelope, accepted);
    if (upToDate || decided.verdict() instanceof EventMatched) {
      return decided;
    }
    context.decider().await(VIEWS_CURRENT_WITHIN);
    upToDate = true;
    return decide(envelope, accepted);
  }

  /// What follows from an event that was put aside counts from when it was written again: by its
  /// own time an execution might have ended before it began. Both stand on the log, so the same is
  /// asked for whenever it is decided.
  private static Envelope asked(Envelope of, ConsumerRecord<String, byte[]> record) {
    return EventRecords.replayed(record.headers())
        ? new Envelope(
            of.eventId(),
            Instant.ofEpochMilli(record.timestamp()),
            of.tenantId(),
            of.appId(),
            of.executionId(),
            of.sequence(),
            of.causationId(),
            of.correlationId(),
            of.actor(),
            of.traceparent(),
            of.input())
        : of;
  }

  private void take(
      Envelope envelope,
      EventAccepted accepted,
      Decided made,
      ConsumerRecord<String, byte[]> record) {
    Decided decided = made;
    List<Outgoing> records = records(envelope, decided, record);
    if (records.stream().anyMatch(out -> size(out) > KafkaClients.LARGEST_RECORD)) {
      decided =
          Decided.refused(
              accepted.outside(),
              "its input is larger than " + KafkaClients.LARGEST_RECORD + " bytes");
      records = records(envelope, decided, record);
    }
    if (!decided.refusals().isEmpty()) {
      context.deadLetters().add(record, String.join(" | ", decided.refusals()));
    }
    sink.write(records);
    if (decided.verdict() instanceof EventMatched) {
      window.add(envelope.eventId(), record.offset(), envelope.occurredAt());
    }
    pending++;
    pendingBytes += records.stream().mapToLong(DispatchPartition::size).sum();
  }

  /// An event that cannot be decided must not stop those behind it, unless it can be decided later.
  private Decided decide(Envelope envelope, EventAccepted accepted) {
    try {
      return context.decider().decide(envelope, accepted);
    } catch (UncheckedIOException | TimeoutException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      LOG.atError().setCause(e).addKeyValue("event", envelope.eventId()).log("decision failed");
      return Decided.refused(
          accepted.outside(), Excerpt.of("a decision failed: " + e, LONGEST_REASON));
    }
  }

  private List<Outgoing> records(
      Envelope cause, Decided decided, ConsumerRecord<String, byte[]> about) {
    List<Outgoing> records = new ArrayList<>();
    records.add(new Outgoing(verdict(cause, decided.verdict(), about)));
    for (Event<RequestEvent> request : decided.requests()) {
      String key = Keys.execution(request.envelope().tenantId(), request.envelope().execution());
      records.add(new Outgoing(EventRecords.of(context.clients(), REQUESTS, key, request)));
    }
    return records;
  }

  /// At the time and in the partition of what it is about.
  private ProducerRecord<String, byte[]> verdict(
      Envelope cause, IngressEvent verdict, ConsumerRecord<String, byte[]> about) {
    var place = new Position(Topic.EVENTS.topicName(), partition, about.offset());
    var envelope =
        new Envelope(
            NameIds.uuid5("verdict", cause.eventId().toString(), partition + "/" + about.offset()),
            cause.occurredAt(),
            cause.tenantId(),
            cause.appId(),
            "",
            0,
            cause.eventId().toString(),
            cause.correlationId(),
            cause.actor(),
            cause.traceparent(),
            place);
    return EventRecords.of(
        context.clients(),
        DispatchContext.EVENTS,
        Topic.EVENTS,
        partition,
        about.key(),
        new Event<>(envelope, verdict));
  }

  private static long size(Outgoing out) {
    return out.record().value().length;
  }

  private void commit() {
    sink.commit();
    pending = 0;
    pendingBytes = 0;
  }

  @Override
  public void passTime() {
    sink.passTime();
  }

  @Override
  public boolean healthy() {
    return sink.healthy();
  }

  @Override
  public Duration untilDue() {
    return Duration.ofSeconds(1);
  }

  @Override
  public void close() {
    sink.close();
  }
}
