package dev.nexus.command.deadletter;

import dev.nexus.command.deadletter.DeadLetter.Replay;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordReplayed;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordLookup;
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
/// index, as it is looked at by people and seldom. Every walk reads with a client of its own, and
/// holds no more of a letter than is said of it in a list: whole ones can have more than a MiB.
public final class DeadLetterArchive implements AutoCloseable {
  /// Records of one stretch.
  private static final int STRETCH = 200;

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final EventCodec<DeadLetterEvent> codec =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);
  private final KafkaClients clients;
  private final TopicPartition partition;
  private final RecordLookup lookup;

  public DeadLetterArchive(KafkaClients clients) {
    this.clients = clients;
    this.partition = new TopicPartition(clients.name(Topic.DEAD_LETTERS), 0);
    this.lookup = new RecordLookup(clients, "dead-letter-contents");
  }

  /// What a question found.
  ///
  /// @param letters newest first
  /// @param strays how many records on the way are no letters: somebody else wrote them, and they
  ///     have nowhere to be put aside to
  public record Listing(List<DeadLetter> letters, int strays, Optional<Stray> newestStray) {}

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
    return new Listing(search.found, search.strays, search.newestStray);
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

  /// A letter with its content; empty when the log no longer has it.
  public Optional<RecordDeadLettered> content(DeadLetter letter) {
    return lookup
        .value(partition, letter.position())
        .map(value -> codec.decode(value).body())
        .filter(RecordDeadLettered.class::isInstance)
        .map(RecordDeadLettered.class::cast);
  }

  @Override
  public void close() {
    lookup.close();
  }

  /// What a record says, as far as it is held.
  private sealed interface Line {
    /// @param id the same for every letter of a service about a record
    record Letter(UUID id, DeadLetter letter) implements Line {}

    record Replayed(Origin origin, Replay replay) implements Line {}

    record Wrong(Stray stray) implements Line {}
  }

  private Line line(ConsumerRecord<String, byte[]> record) {
    Event<DeadLetterEvent> event;
    try {
      event = codec.decode(record.value());
    } catch (UnreadableRecordException e) {
      return wrong(record, String.valueOf(e.getMessage()));
    }
    Envelope envelope = event.envelope();
    return switch (event.body()) {
      case RecordReplayed(var topic, int origin, long offset) ->
          new Line.Replayed(
              new Origin(topic, origin, offset),
              new Replay(envelope.occurredAt(), envelope.actor()));
      case RecordDeadLettered letter ->
          DeadLetter.wrong(letter)
              .map(why -> wrong(record, why))
              .orElseGet(
                  () ->
                      new Line.Letter(
                          envelope.eventId(), DeadLetter.of(record.offset(), envelope, letter)));
    };
  }

  private static Line wrong(ConsumerRecord<String, byte[]> record, String reason) {
    return new Line.Wrong(
        new Stray(
            new Origin(record.topic(), record.partition(), record.offset()),
            DeadLetter.beginning(reason)));
  }

  /// What one walk from the end has seen so far. Replays are newer than their letters, so they are
  /// known when these come.
  private static final class Search {
    private final long before;
    private final int limit;
    private final Predicate<DeadLetter> wanted;
    private final List<DeadLetter> found = new ArrayList<>();
    private int strays;
    private Optional<Stray> newestStray = Optional.empty();
    private final Map<Origin, Replay> replays = new HashMap<>();
    private final Set<UUID> seen = new HashSet<>();

    Search(long before, int limit, Predicate<DeadLetter> wanted) {
      this.before = before;
      this.limit = limit;
      this.wanted = wanted;
    }

    void take(Line line) {
      switch (line) {
        case Line.Replayed(var origin, var replay) -> replays.putIfAbsent(origin, replay);
        case Line.Wrong(var stray) -> {
          if (fits(stray.place().offset())) {
            strays++;
            newestStray = newestStray.or(() -> Optional.of(stray));
          }
        }
        case Line.Letter(var id, var letter) -> {
          DeadLetter known = letter.with(Optional.ofNullable(replays.get(letter.origin())));
          if (seen.add(id) && fits(letter.position()) && wanted.test(known)) {
            found.add(known);
          }
        }
      }
    }

    private boolean fits(long position) {
      return position < before && !full();
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

  private List<Line> stretch(
      KafkaConsumer<String, byte[]> consumer, long from, long until, long deadline) {
    List<Line> lines = new ArrayList<>();
    consumer.seek(partition, from);
    while (consumer.position(partition) < until) {
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException(
            partition.topic() + " could not be read to its beginning within " + PATIENCE);
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < until) {
          lines.add(line(record));
        }
      }
    }
    return lines;
  }
}
