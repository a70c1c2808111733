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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads `nexus.dead-letters` from its end backwards, a stretch at a time: the topic is its own
/// index, as it is looked at by people and seldom. Every walk reads with a client of its own, and
/// holds no more of a letter than is said of it in a list: whole ones can have more than a MiB.
///
/// A walk takes the time it takes, as long as each stretch comes; a silent log ends it with a
/// `TimeoutException`. It remembers the last [#REMEMBERED] replays and letters on its way, no more:
/// a letter whose replay is further off is shown as not replayed, and one about a record that was
/// put aside before is shown once more. Neither does harm: what is replayed twice is done once.
public final class DeadLetterArchive implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterArchive.class);

  /// Records of the first stretch, and of a poll. Each further one is twice as long while they come
  /// fast: a look at what is new must not read much, nor one far back ask too often.
  private static final int STRETCH = 200;

  private static final int LONGEST_STRETCH = 25 * STRETCH;
  private static final Duration FAST = Duration.ofMillis(200);

  /// Of replays and letters each, for as long as a walk takes.
  static final int REMEMBERED = 100_000;

  private static final Duration POLL = Duration.ofMillis(200);

  /// Longest that a stretch may take.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// Longest between two pages of one walk: what was replayed in between is not known to it.
  private static final Duration RESTS = Duration.ofMinutes(1);

  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);

  private final EventCodec<DeadLetterEvent> codec =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);
  private final KafkaClients clients;
  private final TopicPartition partition;
  private final RecordLookup lookup;
  private volatile boolean closed;

  /// Where the newest full page ended: who asks for the one behind it goes on from there.
  private final AtomicReference<@Nullable Walk> resting = new AtomicReference<>();

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
    Search search = new Search(walk(before), before, limit, wanted);
    read(search);
    if (search.full()) {
      search.walk.since = System.nanoTime();
      resting.set(search.walk);
    }
    return new Listing(search.found, search.strays, search.newestStray);
  }

  /// The walk that rests there, or one from the end.
  private Walk walk(long before) {
    Walk rested = resting.get();
    if (rested != null
        && rested.reached == before
        && System.nanoTime() - rested.since < RESTS.toNanos()
        && resting.compareAndSet(rested, null)) {
      return rested;
    }
    return new Walk();
  }

  /// The newest letter about a record.
  public Optional<DeadLetter> find(Origin origin) {
    return Optional.ofNullable(find(Set.of(origin)).get(origin));
  }

  /// The newest letter about each of some records that has one, found in one walk.
  public Map<Origin, DeadLetter> find(Set<Origin> origins) {
    Set<Origin> missing = new HashSet<>(origins);
    Map<Origin, DeadLetter> found = new HashMap<>();
    Search search =
        new Search(
            new Walk(), Long.MAX_VALUE, missing.size(), letter -> missing.remove(letter.origin()));
    read(search);
    search.found.forEach(letter -> found.put(letter.origin(), letter));
    return found;
  }

  /// A letter with its content; empty when the log no longer has it. Throws `TimeoutException` when
  /// the log does not say.
  public Optional<RecordDeadLettered> content(DeadLetter letter) {
    return lookup
        .kept(partition, letter.position())
        .map(value -> codec.decode(value).body())
        .filter(RecordDeadLettered.class::isInstance)
        .map(RecordDeadLettered.class::cast);
  }

  @Override
  public void close() {
    closed = true;
    lookup.close();
  }

  /// What a record says, as far as it is held.
  private sealed interface Line {
    /// @param id the same for every letter of a service about a record
    record Letter(UUID id, DeadLetter letter) implements Line {
      @Override
      public long position() {
        return letter.position();
      }
    }

    record Replayed(long position, Origin origin, Replay replay) implements Line {}

    record Wrong(Stray stray) implements Line {
      @Override
      public long position() {
        return stray.place().offset();
      }
    }

    long position();
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
              record.offset(),
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

  /// What a walk from the end has seen so far. Replays are newer than their letters, so they are
  /// known when these come.
  private static final class Walk {
    private final Map<Origin, Replay> replays = new Newest<>();
    private final Map<UUID, Boolean> seen = new Newest<>();

    /// Position of the oldest record that was taken.
    private long reached = Long.MAX_VALUE;

    private long since = System.nanoTime();
  }

  /// Forgets what came first when more comes.
  private static final class Newest<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > REMEMBERED;
    }
  }

  /// What one question looks for on its walk.
  private static final class Search {
    private final Walk walk;
    private final long before;
    private final int limit;
    private final Predicate<DeadLetter> wanted;
    private final List<DeadLetter> found = new ArrayList<>();
    private int strays;
    private Optional<Stray> newestStray = Optional.empty();

    Search(Walk walk, long before, int limit, Predicate<DeadLetter> wanted) {
      this.walk = walk;
      this.before = before;
      this.limit = limit;
      this.wanted = wanted;
    }

    /// Newest first; what is left when the page is full is for the next one.
    void take(List<Line> newestFirst) {
      for (Line line : newestFirst) {
        if (full()) {
          return;
        }
        take(line);
      }
    }

    private void take(Line line) {
      walk.reached = line.position();
      switch (line) {
        case Line.Replayed(_, var origin, var replay) -> walk.replays.putIfAbsent(origin, replay);
        case Line.Wrong(var stray) -> {
          if (fits(stray.place().offset())) {
            strays++;
            newestStray = newestStray.or(() -> Optional.of(stray));
          }
        }
        case Line.Letter(var id, var letter) -> {
          DeadLetter known = letter.with(Optional.ofNullable(walk.replays.get(letter.origin())));
          if (walk.seen.putIfAbsent(id, true) == null
              && fits(letter.position())
              && wanted.test(known)) {
            found.add(known);
          }
        }
      }
    }

    private boolean fits(long position) {
      return position < before;
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
      long begin = consumer.beginningOffsets(own, PATIENCE).getOrDefault(partition, 0L);
      long end = consumer.endOffsets(own, PATIENCE).getOrDefault(partition, 0L);
      end = Math.min(end, search.walk.reached);
      int length = STRETCH;
      long told = System.nanoTime();
      while (end > begin && !search.full()) {
        long from = Math.max(begin, end - length);
        long started = System.nanoTime();
        search.take(stretch(consumer, from, end).reversed());
        end = from;
        boolean fast = System.nanoTime() - started < FAST.toNanos();
        length = fast ? Math.min(LONGEST_STRETCH, 2 * length) : Math.max(STRETCH, length / 2);
        if (System.nanoTime() - told > TOLD_EVERY.toNanos()) {
          told = System.nanoTime();
          LOG.atInfo().addKeyValue("left", end - begin).log("looking through the dead letters");
        }
      }
    }
  }

  private List<Line> stretch(KafkaConsumer<String, byte[]> consumer, long from, long until) {
    List<Line> lines = new ArrayList<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    consumer.seek(partition, from);
    while (consumer.position(partition, PATIENCE) < until) {
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException(
            partition + " did not give its records up to " + until + " within " + PATIENCE);
      }
      if (closed) {
        throw new IllegalStateException("the process ends before all dead letters were looked at");
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
