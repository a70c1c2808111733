package dev.nexus.projector.query;

import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.Track;
import dev.nexus.projector.store.ViewText;
import dev.nexus.topic.Topic;
import io.lettuce.core.KeyValue;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads what the projections keep, each partition in its present generation. Questions to several
/// partitions go out together. A partition that Redis lost, or has less of than was shown, answers
/// with a problem until it is whole again, and not that something does not exist.
public final class ProjectionReads implements AutoCloseable {
  private static final byte[] NOTHING = {};
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// How long a question waits for a connection that is being made again.
  private static final Duration AWAY = Duration.ofMillis(500);

  /// Generations follow each other slowly: seconds lie between two.
  private static final int ATTEMPTS = 3;

  private final KafkaClients clients;
  private final Progress progress;
  private final StatefulRedisConnection<String, byte[]> connection;

  public ProjectionReads(KafkaClients clients, RedisClient redis, Progress progress) {
    this.clients = clients;
    this.progress = progress;
    this.connection = redis.connect(ProjectionStore.CODEC);
  }

  /// The partitions of a topic; a problem as long as the projector does not know them.
  List<Slot> slots(Topic topic) {
    List<Slot> slots = progress.slots(clients.name(topic));
    if (slots.isEmpty()) {
      throw Problems.notProjectedYet();
    }
    return slots;
  }

  /// The partition a record key goes to.
  Slot slotOf(Topic topic, String recordKey) {
    List<Slot> slots = slots(topic);
    return slots.get(KeyPartition.of(recordKey, slots.size()));
  }

  /// A view of one partition; empty when there is none.
  Map<String, String> view(Slot slot, Key key) {
    return views(Map.of(slot, List.of(key))).getOrDefault(slot, List.of()).stream()
        .findFirst()
        .orElse(Map.of());
  }

  /// Many views, in the order they were asked for.
  Map<Slot, List<Map<String, String>>> views(Map<Slot, List<Key>> asked) {
    return asked(
        asked,
        name -> redis().get(name),
        text -> text == null ? Map.of() : ViewText.read(text(text)));
  }

  /// A hash of one partition; empty when there is none.
  Map<String, byte[]> hash(Slot slot, Key key) {
    return hashes(Map.of(slot, List.of(key))).getOrDefault(slot, List.of()).stream()
        .findFirst()
        .orElse(Map.of());
  }

  /// The same hash of every partition.
  Map<Slot, Map<String, byte[]>> hashes(Topic topic, Key key) {
    Map<Slot, List<Key>> asked = new LinkedHashMap<>();
    slots(topic).forEach(slot -> asked.put(slot, List.of(key)));
    Map<Slot, Map<String, byte[]>> found = new LinkedHashMap<>();
    hashes(asked).forEach((slot, one) -> found.put(slot, one.getFirst()));
    return found;
  }

  private Map<Slot, List<Map<String, byte[]>>> hashes(Map<Slot, List<Key>> asked) {
    return asked(asked, name -> redis().hgetall(name), found -> found == null ? Map.of() : found);
  }

  /// A question to one partition as it was sent.
  private record Question<T>(
      Slot slot,
      String generation,
      long reached,
      List<RedisFuture<T>> answers,
      RedisFuture<List<KeyValue<String, byte[]>>> standing) {}

  /// Asks, and behind that where the partition stands, which Redis answers in this order. So what
  /// is missing in an answer is missing in a whole generation, or the answer is a problem: nothing
  /// that exists is denied because Redis lost it. A generation that took over meanwhile is asked
  /// anew.
  private <T, R> Map<Slot, List<R>> asked(
      Map<Slot, List<Key>> asked,
      Function<String, RedisFuture<T>> question,
      Function<@Nullable T, R> reading) {
    Map<Slot, List<R>> found = new LinkedHashMap<>();
    Map<Slot, String> generations = new LinkedHashMap<>();
    asked.forEach(
        (slot, _) -> {
          found.put(slot, List.of());
          generations.put(
              slot, progress.mark(slot).orElseThrow(Problems::notProjectedYet).generation());
        });
    for (int i = 0; i < ATTEMPTS && !generations.isEmpty(); i++) {
      List<Question<T>> questions = new ArrayList<>();
      generations.forEach(
          (slot, generation) ->
              questions.add(ask(slot, generation, asked.getOrDefault(slot, List.of()), question)));
      generations.clear();
      for (Question<T> one : questions) {
        List<R> answers = one.answers().stream().map(f -> reading.apply(answer(f))).toList();
        Standing standing = Standing.of(answers(one.standing()));
        if (!standing.whole(one.reached())) {
          throw rebuilding(one.slot());
        }
        if (standing.generation().equals(one.generation())) {
          found.put(one.slot(), answers);
        } else {
          generations.put(one.slot(), standing.generation());
        }
      }
    }
    if (!generations.isEmpty()) {
      throw rebuilding(generations.keySet().iterator().next());
    }
    return found;
  }

  private <T> Question<T> ask(
      Slot slot, String generation, List<Key> keys, Function<String, RedisFuture<T>> question) {
    long reached = progress.reached(slot); // before the question: others go on meanwhile
    return new Question<>(
        slot,
        generation,
        reached,
        keys.stream().map(key -> question.apply(slot.name(generation, key))).toList(),
        standing(slot));
  }

  private RedisFuture<List<KeyValue<String, byte[]>>> standing(Slot slot) {
    return redis().hmget(slot.positionName(Track.LIVE), Standing.FIELDS);
  }

  /// How far the projection is that this partition belongs to.
  private ProblemException rebuilding(Slot of) {
    List<Slot> slots = progress.slots(of.topic());
    var asked = slots.stream().map(this::standing).toList();
    long done = 0;
    long all = 0;
    for (int i = 0; i < slots.size(); i++) {
      Standing standing = Standing.of(answers(asked.get(i)));
      long reached = progress.reached(slots.get(i));
      done += standing.done(reached);
      all += standing.all(reached);
    }
    return Problems.rebuilding(of.topic(), done, all);
  }

  private List<KeyValue<String, byte[]>> answers(
      RedisFuture<List<KeyValue<String, byte[]>>> asked) {
    return Optional.ofNullable(answer(asked)).orElse(List.of());
  }

  /// Appended bytes; empty when there are none.
  byte[] bytes(Slot slot, Key key) {
    return only(
        asked(
            Map.of(slot, List.of(key)),
            name -> redis().get(name),
            found -> found == null ? NOTHING : found));
  }

  /// Members of a set, of all partitions together.
  Set<String> members(Topic topic, Key key) {
    Map<Slot, List<Key>> asked = new LinkedHashMap<>();
    slots(topic).forEach(slot -> asked.put(slot, List.of(key)));
    Set<String> members = new TreeSet<>();
    asked(asked, name -> redis().smembers(name), found -> found == null ? Set.<byte[]>of() : found)
        .values()
        .forEach(found -> found.getFirst().forEach(member -> members.add(text(member))));
    return members;
  }

  /// Members of a sorted set of one partition from a score downwards.
  List<ScoredValue<byte[]>> downwards(Slot slot, Key key, double from, long skip, long count) {
    return only(
        asked(
            Map.of(slot, List.of(key)),
            name ->
                redis()
                    .zrevrangebyscoreWithScores(
                        name,
                        Range.create(Double.NEGATIVE_INFINITY, from),
                        Limit.create(skip, count)),
            found -> found == null ? List.<ScoredValue<byte[]>>of() : found));
  }

  private static <R> R only(Map<Slot, List<R>> found) {
    return found.values().iterator().next().getFirst();
  }

  /// Whole numbers of a hash, added up over all partitions of the topic.
  Map<String, Long> sums(Topic topic, Key key) {
    return sums(topic, List.of(key)).getOrDefault(key, Map.of());
  }

  /// The same of many hashes, asked for together.
  Map<Key, Map<String, Long>> sums(Topic topic, List<Key> keys) {
    Map<Slot, List<Key>> asked = new LinkedHashMap<>();
    slots(topic).forEach(slot -> asked.put(slot, keys));
    Map<Key, Map<String, Long>> sums = new LinkedHashMap<>();
    keys.forEach(key -> sums.put(key, new HashMap<>()));
    hashes(asked)
        .values()
        .forEach(
            found -> {
              for (int i = 0; i < keys.size(); i++) {
                Map<String, Long> sum = sums.computeIfAbsent(keys.get(i), k -> new HashMap<>());
                found
                    .get(i)
                    .forEach(
                        (field, value) -> sum.merge(field, Long.parseLong(text(value)), Long::sum));
              }
            });
    return sums;
  }

  private RedisAsyncCommands<String, byte[]> redis() {
    return connection.async();
  }

  static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  static Map<String, String> texts(Map<String, byte[]> fields) {
    Map<String, String> texts = new LinkedHashMap<>();
    fields.forEach((field, value) -> texts.put(field, text(value)));
    return texts;
  }

  /// Waits for an answer: not long where there is nobody to give it.
  private <T> @Nullable T answer(RedisFuture<T> asked) {
    try {
      return answerWithin(asked, AWAY);
    } catch (TimeoutException e) {
      if (!connection.isOpen()) {
        asked.cancel(true);
        throw Problems.storeSilent("there is no connection to it now");
      }
    }
    try {
      return answerWithin(asked, PATIENCE.minus(AWAY));
    } catch (TimeoutException e) {
      asked.cancel(true);
      throw Problems.storeSilent("no answer within " + PATIENCE.toSeconds() + " s");
    }
  }

  private static <T> @Nullable T answerWithin(RedisFuture<T> asked, Duration patience)
      throws TimeoutException {
    try {
      return asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problems.storeSilent("interrupted");
    } catch (ExecutionException e) {
      throw Problems.storeSilent(String.valueOf(e.getCause()));
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
