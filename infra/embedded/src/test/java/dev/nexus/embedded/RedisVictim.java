package dev.nexus.embedded;

import java.nio.file.Path;

/// Starts a Redis and leaves it to whoever comes after it is killed.
final class RedisVictim {
  private RedisVictim() {}

  public static void main(String[] arguments) throws Exception {
    DataDirectory data = DataDirectory.lock(Path.of(arguments[0]));
    EmbeddedRedis redis = EmbeddedRedis.start(data.resolve("redis"));
    System.out.println("redis " + redis.pid());
    Thread.currentThread().join();
  }
}
