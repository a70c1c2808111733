package dev.nexus.testkit;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.util.HashMap;
import java.util.Map;

/// All that a Redis held at one time, to be put in the place of what it holds later: a stale copy,
/// as a restored backup or a replica that was behind.
public final class RedisCopy {
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private final Map<String, byte[]> dumps;

  private RedisCopy(Map<String, byte[]> dumps) {
    this.dumps = dumps;
  }

  /// Call it when nothing is written.
  public static RedisCopy of(RedisClient client) {
    try (var connection = client.connect(CODEC)) {
      Map<String, byte[]> dumps = new HashMap<>();
      for (String name : connection.sync().keys("*")) {
        byte[] dump = connection.sync().dump(name);
        if (dump != null) {
          dumps.put(name, dump);
        }
      }
      return new RedisCopy(dumps);
    }
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
