package dev.nexus.projector.store;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Redis as the writer of one projection sees it: positions, batches, the views a fold needs.
/// Commands are sent together at `flush` and run in the order they were given. For one thread.
public final class ProjectionStore implements AutoCloseable {
  static final String CHANNEL = "_:progress:";

  /// Binary values under text names.
  public static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final byte[] NOTHING = {};
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int SWEPT_AT_ONCE = 500;

  private final StatefulRedisConnection<String, byte[]> connection;
  private final String instance;

  /// `instance` tells other projectors whose progress it is.
  public ProjectionStore(RedisClient client, String instance) {
    this.connection = client.connect(CODEC);
    this.connection.setAutoFlushCommands(false);
    this.instance = instance;
  }

  public void flush() {
    connection.flushCommands();
  }

  /// Gives a server the scripts it lacks.
  public void loadScripts() {
    List<RedisFuture<String>> loading = new ArrayList<>();
    for (Script script : Script.values()) {
      loading.add(connection.async().scriptLoad(script.body()));
    }
    flush();
    loading.forEach(ProjectionStore::await);
  }

  /// Applies a batch: true when it was applied, false when the position was not its base. Nothing
  /// is sent before `flush`.
  public CompletableFuture<Boolean> apply(Batch batch) {
    return connection
        .async()
        .<Long>dispatch(
            CommandType.EVALSHA,
            new IntegerOutput<>(CODEC),
            BatchArguments.of(CODEC, batch, instance))
        .toCompletableFuture()
        .thenApply(applied -> applied == 1);
  }

  /// Whether a failure of `apply` means that the server lost its scripts.
  public static boolean lacksScript(Throwable failure) {
    return failure instanceof RedisNoScriptException
        || (failure.getCause() != null && lacksScript(failure.getCause()));
  }

  /// Reads views as they are after everything given before, in the order of `keys`. Nothing is
  /// sent before `flush`.
  public CompletableFuture<List<Map<String, String>>> read(
      Slot slot, String generation, List<Key> keys) {
    if (keys.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    String[] names = keys.stream().map(key -> slot.name(generation, key)).toArray(String[]::new);
    return connection
        .async()
        .mget(names)
        .toCompletableFuture()
        .thenApply(found -> found.stream().map(one -> view(one.getValueOrElse(NOTHING))).toList());
  }

  private static Map<String, String> view(byte[] text) {
    return ViewText.read(new String(text, StandardCharsets.UTF_8));
  }

  /// Reads what is stored about a partition, at once.
  public StoredPosition position(Slot slot) {
    RedisFuture<Map<String, byte[]>> asked = connection.async().hgetall(slot.positionName());
    flush();
    Map<String, String> fields = texts(await(asked));
    String generation = fields.get("generation");
    String next = fields.get("next");
    if (generation == null || next == null) {
      return new StoredPosition.None();
    }
    return new StoredPosition.At(
        fields.getOrDefault("log", ""),
        Integer.parseInt(fields.getOrDefault("layout", "0")),
        new Mark(generation, Long.parseLong(next)),
        fields.containsKey("open"));
  }

  /// Begins a generation after `known` ("" for none); false when somebody else just did.
  public boolean begin(Slot slot, String known, String log, int layout, Mark beginning) {
    RedisFuture<Long> asked =
        connection
            .async()
            .eval(
                Script.BEGIN.body(),
                ScriptOutputType.INTEGER,
                new String[] {slot.positionName()},
                utf8(known),
                utf8(log),
                utf8(Integer.toString(layout)),
                utf8(beginning.generation()),
                utf8(Long.toString(beginning.next())),
                utf8(CHANNEL + slot),
                utf8(instance));
    flush();
    return await(asked) == 1;
  }

  /// Deletes what older generations of a partition left; gives the number of names.
  public static long sweep(RedisClient client, Slot slot, String generation) {
    try (var own = client.connect(CODEC)) {
      var sync = own.sync();
      ScanIterator<String> names =
          ScanIterator.scan(sync, ScanArgs.Builder.matches(slot.glob()).limit(1_000));
      List<String> old = new ArrayList<>();
      long swept = 0;
      while (names.hasNext()) {
        String name = names.next();
        if (isOlder(name, slot, generation)) {
          old.add(name);
        }
        if (old.size() == SWEPT_AT_ONCE || (!names.hasNext() && !old.isEmpty())) {
          swept += sync.unlink(old.toArray(String[]::new));
          old.clear();
        }
      }
      return swept;
    }
  }

  /// Generations are ordered by their text; what is no name of a generation stays.
  private static boolean isOlder(String name, Slot slot, String generation) {
    if (name.equals(slot.positionName())) {
      return false;
    }
    int from = name.indexOf("}:") + 2;
    int to = name.indexOf(':', from);
    return to > 0 && name.substring(from, to).compareTo(generation) < 0;
  }

  private static Map<String, String> texts(Map<String, byte[]> fields) {
    Map<String, String> texts = HashMap.newHashMap(fields.size());
    fields.forEach((field, value) -> texts.put(field, new String(value, StandardCharsets.UTF_8)));
    return texts;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static <T> T await(RedisFuture<T> asked) {
    return LettuceFutures.awaitOrCancel(asked, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    connection.close();
  }
}
