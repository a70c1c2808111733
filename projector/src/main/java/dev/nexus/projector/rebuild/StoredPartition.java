package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.Track;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.ScoredValueScanCursor;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.ValueScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Reads what Redis holds of one generation of a partition, piece by piece, each together with the
/// position it belongs to: one transaction reads both, so nothing can come between. No piece is
/// large, so nobody else waits for one.
final class StoredPartition implements AutoCloseable {
  private static final int AT_ONCE = 1_000;

  private final StatefulRedisConnection<String, byte[]> connection;
  private final Slot slot;
  private final String generation;

  StoredPartition(RedisClient client, Slot slot, String generation) {
    this.connection = client.connect(ProjectionStore.CODEC);
    this.slot = slot;
    this.generation = generation;
  }

  /// Something read at a position of the log.
  record At<T>(long position, T value) {}

  /// A part of a collection.
  ///
  /// @param next where the next part begins; empty after the last
  record Parts(long size, Map<String, byte[]> found, Optional<ScanCursor> next) {}

  /// Elements of a list from `from` on.
  record Elements(long size, List<byte[]> found) {}

  /// The partition was begun anew, or is being: what was read so far is of no use.
  static final class MovedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MovedException(String message) {
      super(message);
    }
  }

  /// Every name of the partition, whatever its generation.
  ScanIterator<String> names() {
    return ScanIterator.scan(
        connection.sync(), ScanArgs.Builder.matches(slot.glob()).limit(AT_ONCE));
  }

  /// Type of each name, `none` for one that is not there.
  List<String> types(List<Key> keys) {
    List<RedisFuture<String>> asked = new ArrayList<>();
    keys.forEach(key -> asked.add(connection.async().type(name(key))));
    return asked.stream().map(this::answer).toList();
  }

  /// Type of each name at one position, `none` for one that is not there.
  At<List<String>> typesAt(List<Key> keys) {
    return read(
        redis -> {
          List<RedisFuture<?>> asked = new ArrayList<>();
          keys.forEach(key -> asked.add(redis.type(name(key))));
          return asked;
        },
        result -> result.stream().skip(1).map(String.class::cast).toList());
  }

  /// Values of names that are strings; empty where there is none.
  At<List<Optional<byte[]>>> strings(List<Key> keys) {
    String[] names = keys.stream().map(this::name).toArray(String[]::new);
    return read(
        redis -> List.of(redis.mget(names)),
        result -> {
          List<KeyValue<String, byte[]>> found = result.get(1);
          return found.stream()
              .map(one -> one.hasValue() ? Optional.of(one.getValue()) : Optional.<byte[]>empty())
              .toList();
        });
  }

  /// The next part of a hash.
  At<Parts> fields(Key key, ScanCursor from) {
    return read(
        redis -> List.of(redis.hlen(name(key)), redis.hscan(name(key), from, limit())),
        result -> {
          MapScanCursor<String, byte[]> scanned = result.get(2);
          return parts(result, scanned.getMap(), scanned);
        });
  }

  /// The next part of a sorted set, scores as Redis writes whole numbers.
  At<Parts> scores(Key key, ScanCursor from) {
    return read(
        redis -> List.of(redis.zcard(name(key)), redis.zscan(name(key), from, limit())),
        result -> {
          ScoredValueScanCursor<byte[]> scanned = result.get(2);
          Map<String, byte[]> found = new LinkedHashMap<>();
          for (ScoredValue<byte[]> one : scanned.getValues()) {
            found.put(MemoryStore.text(one.getValue()), score(one.getScore()));
          }
          return parts(result, found, scanned);
        });
  }

  private static byte[] score(double score) {
    return score == (long) score
        ? MemoryStore.number((long) score)
        : MemoryStore.bytes(Double.toString(score));
  }

  /// The next part of a set.
  At<Parts> members(Key key, ScanCursor from) {
    return read(
        redis -> List.of(redis.scard(name(key)), redis.sscan(name(key), from, limit())),
        result -> {
          ValueScanCursor<byte[]> scanned = result.get(2);
          Map<String, byte[]> found = new LinkedHashMap<>();
          scanned.getValues().forEach(one -> found.put(MemoryStore.text(one), new byte[0]));
          return parts(result, found, scanned);
        });
  }

  private static Parts parts(
      TransactionResult result, Map<String, byte[]> found, ScanCursor scanned) {
    long size = result.get(1);
    return new Parts(
        size,
        found,
        scanned.isFinished() ? Optional.empty() : Optional.of(ScanCursor.of(scanned.getCursor())));
  }

  private static ScanArgs limit() {
    return ScanArgs.Builder.limit(AT_ONCE);
  }

  /// Elements of a list from index `from` on.
  At<Elements> elements(Key key, long from) {
    return read(
        redis -> List.of(redis.llen(name(key)), redis.lrange(name(key), from, from + AT_ONCE - 1)),
        result -> {
          long size = result.get(1);
          return new Elements(size, result.get(2));
        });
  }

  /// A field of a hash, or the score of a member of a (sorted) set; empty where there is none.
  At<Optional<byte[]>> part(Key key, String type, String part) {
    byte[] member = MemoryStore.bytes(part);
    return read(
        redis ->
            List.of(
                switch (type) {
                  case "hash" -> redis.hget(name(key), part);
                  case "zset" -> redis.zscore(name(key), member);
                  default -> redis.sismember(name(key), member);
                }),
        result ->
            switch (result.get(1)) {
              case byte[] value -> Optional.of(value);
              case Double score -> Optional.of(score(score));
              case Boolean there -> there ? Optional.of(new byte[0]) : Optional.empty();
              case null, default -> Optional.empty();
            });
  }

  /// Asks in one transaction for the position and for something else. Answers stand in the result
  /// in the order of the questions.
  private <T> At<T> read(
      Function<RedisAsyncCommands<String, byte[]>, List<RedisFuture<?>>> question,
      Function<TransactionResult, T> reading) {
    RedisAsyncCommands<String, byte[]> redis = connection.async();
    var unused = redis.multi();
    var first = redis.hmget(slot.positionName(Track.LIVE), "generation", "next", "open");
    List<RedisFuture<?>> others = question.apply(redis);
    TransactionResult result = answer(redis.exec());
    if (result.size() != others.size() + 1) {
      throw new RedisException("a transaction gave " + result.size() + " answers");
    }
    List<KeyValue<String, byte[]>> position = answer(first);
    String found = position.get(0).map(StoredPartition::text).getValueOrElse("");
    if (!found.equals(generation)) {
      throw new MovedException(slot + " was begun anew while it was compared");
    }
    if (position.get(2).hasValue()) {
      throw new MovedException("a batch of " + slot + " was left half-written");
    }
    return new At<>(Long.parseLong(text(position.get(1).getValue())), reading.apply(result));
  }

  private String name(Key key) {
    return slot.name(generation, key);
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  private <T> T answer(RedisFuture<T> asked) {
    return LettuceFutures.awaitOrCancel(
        asked, connection.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    connection.close();
  }
}
