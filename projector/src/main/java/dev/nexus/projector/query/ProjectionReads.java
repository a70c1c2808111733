package dev.nexus.projector.query;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.ViewText;
import dev.nexus.topic.Topic;
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
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/// Reads what the projections keep, each partition in its present generation. Questions to several
/// partitions go out together.
public final class ProjectionReads implements AutoCloseable {
  private static final byte[] NOTHING = {};
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final KafkaClients clients;
  private final Progress progress;
  private final StatefulRedisConnection<String, byte[]> connection;

  public ProjectionReads(KafkaClients clients, RedisClient redis, Progress progress) {
    this.clients = clients;
    this.progress = progress;
    this.connection = redis.connect(ProjectionStore.CODEC);
  }

  List<Slot> slots(Topic topic) {
    return progress.slots(clients.name(topic));
  }

  /// The partition a record key goes to; empty before the projector knows the topic.
  Optional<Slot> slotOf(Topic topic, String recordKey) {
    List<Slot> slots = slots(topic);
    if (slots.isEmpty()) {
      return Optional.empty();
    }
    byte[] key = recordKey.getBytes(StandardCharsets.UTF_8);
    return Optional.of(slots.get(Utils.toPositive(Utils.murmur2(key)) % slots.size()));
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

  private <T, R> Map<Slot, List<R>> asked(
      Map<Slot, List<Key>> asked,
      Function<String, RedisFuture<T>> question,
      Function<@Nullable T, R> reading) {
    Map<Slot, List<RedisFuture<T>>> asking = new LinkedHashMap<>();
    asked.forEach(
        (slot, keys) ->
            mark(slot)
                .ifPresent(
                    mark ->
                        asking.put(
                            slot,
                            keys.stream()
                                .map(k -> question.apply(slot.name(mark.generation(), k)))
                                .toList())));
    Map<Slot, List<R>> found = new LinkedHashMap<>();
    asking.forEach(
        (slot, futures) ->
            found.put(slot, futures.stream().map(f -> reading.apply(answer(f))).toList()));
    return found;
  }

  /// Appended bytes; empty when there are none.
  byte[] bytes(Slot slot, Key key) {
    return mark(slot)
        .map(mark -> redis().get(slot.name(mark.generation(), key)))
        .map(asked -> Optional.<byte[]>ofNullable(answer(asked)).orElse(NOTHING))
        .orElse(NOTHING);
  }

  /// Members of a set, of all partitions together.
  Set<String> members(Topic topic, Key key) {
    Set<String> members = new TreeSet<>();
    each(topic, (slot, mark) -> redis().smembers(slot.name(mark.generation(), key)))
        .forEach(found -> found.forEach(member -> members.add(text(member))));
    return members;
  }

  /// Members of a sorted set of one partition from a score downwards.
  List<ScoredValue<byte[]>> downwards(Slot slot, Key key, double from, long skip, long count) {
    return mark(slot)
        .map(
            mark ->
                redis()
                    .zrevrangebyscoreWithScores(
                        slot.name(mark.generation(), key),
                        Range.create(Double.NEGATIVE_INFINITY, from),
                        Limit.create(skip, count)))
        .map(ProjectionReads::answer)
        .orElse(List.of());
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

  private <T> List<T> each(Topic topic, BiFunction<Slot, Mark, RedisFuture<T>> question) {
    List<RedisFuture<T>> asked = new ArrayList<>();
    for (Slot slot : slots(topic)) {
      mark(slot).ifPresent(mark -> asked.add(question.apply(slot, mark)));
    }
    List<T> answers = new ArrayList<>();
    asked.forEach(one -> Optional.<T>ofNullable(answer(one)).ifPresent(answers::add));
    return answers;
  }

  private Optional<Mark> mark(Slot slot) {
    return progress.mark(slot);
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

  private static <T> @Nullable T answer(RedisFuture<T> asked) {
    try {
      return asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problems.storeSilent("interrupted");
    } catch (ExecutionException e) {
      throw Problems.storeSilent(String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      throw Problems.storeSilent("no answer within " + PATIENCE.toSeconds() + " s");
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
