package dev.nexus.testkit;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All that a Redis held at one time, to be put in the place of what it holds later: a stale copy,
/// as a restored backup or a replica that was behind.
public final class RedisCopy {
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final String DUMP_ALL =
      """
      local all = {}
      for _, name in ipairs(redis.call('KEYS', '*')) do
        all[#all + 1] = name
        all[#all + 1] = redis.call('DUMP', name)
      end
      return all
      """;

  private final Map<String, byte[]> dumps;

  private RedisCopy(Map<String, byte[]> dumps) {
    this.dumps = dumps;
  }

  /// In one step, as a snapshot of Redis itself: it may be called amid writes.
  public static RedisCopy of(RedisClient client) {
    try (var connection = client.connect(CODEC)) {
      List<byte[]> all = connection.sync().eval(DUMP_ALL, ScriptOutputType.MULTI);
      Map<String, byte[]> dumps = new HashMap<>();
      for (int i = 0; i < all.size(); i += 2) {
        dumps.put(new String(all.get(i), StandardCharsets.UTF_8), all.get(i + 1));
      }
      return new RedisCopy(dumps);
    }
  }

  /// How many names it holds.
  public int size() {
    return dumps.size();
  }

  /// In one step, as when another server takes over.
  public void restore(RedisClient client) {
    try (var connection = client.connect(CODEC)) {
      var redis = connection.async();
      redis.multi();
      redis.flushall();
      dumps.forEach((name, dump) -> redis.restore(name, dump, RestoreArgs.Builder.ttl(0)));
      redis.exec().toCompletableFuture().join();
    }
  }
}
