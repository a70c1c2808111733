package dev.nexus.projector.store;

import dev.nexus.platform.stream.Imprint;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Redis as the writer of one projection sees it: positions, batches, the views a fold needs.
/// Commands are sent together at `flush` and run in the order they were given. For one thread.
public final class ProjectionStore implements AutoCloseable {
  public static final String CHANNEL = "_:progress:";

  /// Binary values under text names.
  public static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  /// Of what is stored about a partition, while a layout is of what was folded. Another form needs
  /// a generation of its own: who does not know it then has its batches refused.
  private static final String FORM = "1";

  private static final byte[] NOTHING = {};
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final StatefulRedisConnection<String, byte[]> connection;
  private final String instance;

  /// `instance` tells other projectors whose progress it is.
  public ProjectionStore(RedisClient client, String instance) {
    this.connection = client.connect(CODEC);
    this.connection.setAutoFlushCommands(false);
    this.instance = instance;
  }

  /// Name of this process among the projectors.
  public String instance() {
    return instance;
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

  /// Applies a batch. Nothing is sent before `flush`.
  public CompletableFuture<Applied> apply(Batch batch) {
    return connection
        .async()
        .<Long>dispatch(
            CommandType.EVALSHA,
            new IntegerOutput<>(CODEC),
            BatchArguments.of(CODEC, batch, instance))
        .toCompletableFuture()
        .thenApply(Applied::of);
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
    return position(slot, Track.LIVE);
  }

  /// Reads one of the two positions of a partition, at once.
  public StoredPosition position(Slot slot, Track track) {
    RedisFuture<Map<String, byte[]>> asked = connection.async().hgetall(slot.positionName(track));
    flush();
    Map<String, String> fields = texts(await(asked));
    String generation = fields.get("generation");
    String next = fields.get("next");
    if (generation == null || next == null) {
      return new StoredPosition.None();
    }
    String form = fields.getOrDefault("form", FORM);
    if (!form.equals(FORM)) {
      return new StoredPosition.Newer(form, generation);
    }
    return new StoredPosition.At(
        fields.getOrDefault("log", ""),
        Integer.parseInt(fields.getOrDefault("layout", "0")),
        Long.parseLong(fields.getOrDefault("from", "0")),
        new Mark(generation, Long.parseLong(next)),
        fields.containsKey("open"),
        Optional.ofNullable(fields.get("last")).flatMap(Imprint::read));
  }

  /// Begins a generation after `known` ("" for none); false when somebody else just did. A shadow
  /// there may be ends with what it stood beside.
  public boolean begin(Slot slot, String known, String log, int layout, Beginning beginning) {
    return run(Script.BEGIN, slot, arguments(slot, known, log, layout, beginning, 0));
  }

  /// Begins a shadow beside the live generation `known`; false when that is no longer the live one,
  /// or when there is a shadow.
  ///
  /// @param lease number of the lease under which it is built: see `takeUp`
  public boolean beginShadow(
      Slot slot, String known, String log, int layout, Beginning beginning, long lease) {
    return run(Script.BEGIN_SHADOW, slot, arguments(slot, known, log, layout, beginning, lease));
  }

  private String[] arguments(
      Slot slot, String known, String log, int layout, Beginning beginning, long lease) {
    return new String[] {
      known,
      log,
      Integer.toString(layout),
      beginning.mark().generation(),
      Long.toString(beginning.mark().next()),
      CHANNEL + slot,
      instance,
      Long.toString(beginning.since()),
      Long.toString(beginning.goal()),
      FORM,
      Long.toString(lease)
    };
  }

  /// Goes on with a shadow under a lease, whose number is greater than those of all before it. Who
  /// holds an earlier one, and does not know yet that it ended, cannot give the shadow up any more.
  /// False when it is another one, or none, or that of a later lease.
  public boolean takeUp(Slot slot, String generation, long lease) {
    return run(Script.TAKE_UP, slot, generation, Long.toString(lease));
  }

  /// Ends a shadow: from here on nothing is added to it. False when it is another one, or none, or
  /// when it was taken up under a later lease.
  public boolean giveUp(Slot slot, String generation, long lease) {
    return run(Script.GIVE_UP, slot, generation, Long.toString(lease));
  }

  /// The generation that is or was built beside the live one and may have names: that of the
  /// shadow, or of one that was given up; "" for none.
  public String generationBeside(Slot slot) {
    return switch (position(slot, Track.SHADOW)) {
      case StoredPosition.At at -> at.mark().generation();
      case StoredPosition.Newer(_, var generation) -> generation;
      case StoredPosition.None() -> givenUp(slot);
    };
  }

  /// The generation of a shadow that was given up and may not be swept yet; "" for none.
  public String givenUp(Slot slot) {
    RedisFuture<byte[]> asked = connection.async().hget(slot.positionName(Track.SHADOW), "givenUp");
    flush();
    byte[] found = await(asked);
    return found == null ? "" : new String(found, StandardCharsets.UTF_8);
  }

  /// Forgets a shadow that was given up, once it is swept; false when it is another one, or none.
  public boolean forgetGivenUp(Slot slot, String generation) {
    return run(Script.FORGET_GIVEN_UP, slot, generation);
  }

  private boolean run(Script script, Slot slot, String... arguments) {
    byte[][] values = new byte[arguments.length][];
    for (int i = 0; i < values.length; i++) {
      values[i] = utf8(arguments[i]);
    }
    RedisFuture<Long> asked =
        connection
            .async()
            .eval(
                script.body(),
                ScriptOutputType.INTEGER,
                new String[] {slot.positionName(Track.LIVE), slot.positionName(Track.SHADOW)},
                values);
    flush();
    return await(asked) == 1;
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
