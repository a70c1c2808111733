package dev.nexus.command.deadletter;

import dev.nexus.command.deadletter.DeadLetter.Replay;
import dev.nexus.event.Event;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordReplayed;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/// Reads `nexus.dead-letters` from its end backwards, a stretch at a time: the topic is its own
/// index, as it is looked at by people and seldom. Every question reads with a client of its own.
public final class DeadLetterArchive {
  /// Records of one stretch. A letter can have 1 MiB, so a stretch is what a fetch gives, not more.
  private static final int STRETCH = 200;

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final EventCodec<DeadLetterEvent> codec =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);
  private final KafkaClients clients;
  private final TopicPartition partition;

  public DeadLetterArchive(KafkaClients clients) {
    this.clients = clients;
    this.partition = new TopicPartition(clients.name(Topic.DEAD_LETTERS), 0);
  }

  /// What a question found.
  ///
  /// @param letters newest first
  /// @param strays records on the way that are no letters, newest first: somebody else wrote them,
  ///     and they have nowhere to be put aside to
  public record Listing(List<DeadLetter> letters, List<Stray> strays) {}

  /// A record of `nexus.dead-letters` that is no letter.
  public record Stray(Origin place, String reason) {}

  /// The newest letters that fit. The same record put aside by the same service is one letter,
  /// however often it was met.
  ///
  /// @param before only letters older than this position; `Long.MAX_VALUE` for all
  /// @param limit at most so many
  public Listing newest(long before, int limit, Predicate<DeadLetter> wanted) {
    Search search = new Search(before, limit, wanted);
    read(search);
    return new Listing(search.found, search.strays);
  }

  /// The newest letter about a record.
  public Optional<DeadLetter> find(Origin origin) {
    return Optional.ofNullable(find(Set.of(origin)).get(origin));
  }

  /// The newest letter about each of some records that has one, found in one walk.
  public Map<Origin, DeadLetter> find(Set<Origin> origins) {
    Set<Origin> missing = new HashSet<>(origins);
    Map<Origin, DeadLetter> found = new HashMap<>();
    newest(Long.MAX_VALUE, missing.size(), letter -> missing.remove(letter.origin()))
        .letters()
        .forEach(letter -> found.put(letter.origin(), letter));
    return found;
  }

  /// What one walk from the end has seen so far. Replays are newer than their letters, so they are
  /// known when these come.
  private final class Search {
    private final long before;
    private final int limit;
    private final Predicate<DeadLetter> wanted;
    private final List<DeadLetter> found = new ArrayList<>();
    private final List<Stray> strays = new ArrayList<>();
    private final Map<Origin, Replay> replays = new HashMap<>();
    private final Set<UUID> seen = new HashSet<>();

    Search(long before, int limit, Predicate<DeadLetter> wanted) {
      this.before = before;
      this.limit = limit;
      this.wanted = wanted;
    }

    void take(ConsumerRecord<String, byte[]> record) {
      Event<DeadLetterEvent> event;
      try {
        event = codec.decode(record.value());
      } catch (UnreadableRecordException e) {
        stray(record, String.valueOf(e.getMessage()));
        return;
      }
      switch (event.body()) {
        case RecordReplayed(var topic, int origin, long offset) ->
            replays.putIfAbsent(
                new Origin(topic, origin, offset),
                new Replay(event.envelope().occurredAt(), event.envelope().actor()));
        case RecordDeadLettered letter when DeadLetter.wrong(letter).isPresent() ->
            stray(record, DeadLetter.wrong(letter).get());
        case RecordDeadLettered letter -> {
          if (seen.add(event.envelope().eventId()) && record.offset() < before && !full()) {
            consider(record.offset(), event, letter);
          }
        }
      }
    }

    private void stray(ConsumerRecord<String, byte[]> record, String reason) {
      if (record.offset() < before && !full()) {
        strays.add(
            new Stray(new Origin(record.topic(), record.partition(), record.offset()), reason));
      }
    }

    private void consider(long position, Event<DeadLetterEvent> event, RecordDeadLettered letter) {
      Origin origin =
          new Origin(letter.originTopic(), letter.originPartition(), letter.originOffset());
      var known =
          new DeadLetter(
              position,
              event.envelope().occurredAt(),
              letter,
              Optional.ofNullable(replays.get(origin)));
      if (wanted.test(known)) {
        found.add(known);
      }
    }

    boolean full() {
      return found.size() >= limit;
    }
  }

  private void read(Search search) {
    try (KafkaConsumer<String, byte[]> consumer =
        clients.assignedConsumer("dead-letter-archive", STRETCH)) {
      Set<TopicPartition> own = Set.of(partition);
      consumer.assign(own);
      long begin = consumer.beginningOffsets(own).getOrDefault(partition, 0L);
      long end = consumer.endOffsets(own).getOrDefault(partition, 0L);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (end > begin && !search.full()) {
        long from = Math.max(begin, end - STRETCH);
        stretch(consumer, from, end, deadline).reversed().forEach(search::take);
        end = from;
      }
    }
  }

  private List<ConsumerRecord<String, byte[]>> stretch(
      KafkaConsumer<String, byte[]> consumer, long from, long until, long deadline) {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    consumer.seek(partition, from);
    while (consumer.position(partition) < until) {
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException(
            partition.topic() + " could not be read to its beginning within " + PATIENCE);
      }
      consumer.poll(POLL).forEach(records::add);
    }
    records.removeIf(record -> record.offset() >= until);
    return records;
  }
}
