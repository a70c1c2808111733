package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.ProjectionStore;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RestoreArgs;
import java.util.HashMap;
import java.util.Map;

/// All that a Redis held at one time, to be put in the place of what it holds later.
final class StaleCopy {
  private final Map<String, byte[]> dumps;

  private StaleCopy(Map<String, byte[]> dumps) {
    this.dumps = dumps;
  }

  /// Call it when nothing is written.
  static StaleCopy of(RedisClient client) {
    try (var connection = client.connect(ProjectionStore.CODEC)) {
      Map<String, byte[]> dumps = new HashMap<>();
      for (String name : connection.sync().keys("*")) {
        dumps.put(name, connection.sync().dump(name));
      }
      return new StaleCopy(dumps);
    }
  }

  /// In one step, as when another server takes over.
  void restore(RedisClient client) {
    try (var connection = client.connect(ProjectionStore.CODEC)) {
      var redis = connection.async();
      redis.multi();
      redis.flushall();
      dumps.forEach((name, dump) -> redis.restore(name, dump, RestoreArgs.Builder.ttl(0)));
      redis.exec().toCompletableFuture().join();
    }
  }
}
