package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisIT {
  @TempDir Path directory;

  @Test
  void shouldEndServerWhenClosed() {
    // Given
    EmbeddedRedis redis = EmbeddedRedis.start(directory);
    // When
    redis.close();
    // Then
    assertThat(redis.healthy()).isFalse();
    assertThat(LoopbackPorts.isFree(redis.port())).isTrue();
  }

  @Test
  void shouldKeepDataWhenStoppedAndStarted() {
    // Given
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory)) {
      set(redis, "kept", "yes");
    }
    // When
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory)) {
      // Then
      assertThat(redis.adopted()).isFalse();
      assertThat(get(redis, "kept")).isEqualTo("yes");
    }
  }

  @Test
  void shouldAdoptServerWhenItsProcessWasKilled() throws Exception {
    // Given
    long pid;
    try (ChildJvm victim = ChildJvm.run(RedisVictim.class, directory.toString())) {
      pid = Long.parseLong(victim.await("redis "));
      victim.kill();
    }
    // When
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"))) {
      // Then
      assertThat(redis.adopted()).isTrue();
      assertThat(redis.pid()).isEqualTo(pid);
    }
  }

  @Test
  void shouldEndOnlyTheSurvivorOfItsOwnDirectory() throws Exception {
    // Given
    try (ChildJvm victim = ChildJvm.run(RedisVictim.class, directory.toString())) {
      victim.await("redis ");
      victim.kill();
    }
    try (EmbeddedRedis neighbour = EmbeddedRedis.start(directory.resolve("neighbour"))) {
      // When
      boolean ended = EmbeddedRedis.endSurvivor(directory.resolve("redis"));
      // Then
      assertThat(ended).isTrue();
      assertThat(EmbeddedRedis.urlOfRunning(directory.resolve("redis"))).isEmpty();
      assertThat(neighbour.healthy()).isTrue();
    }
  }

  @Test
  void shouldComeBackAtTheSameAddressWhenSomethingEndsIt() {
    // Given
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory)) {
      long pid = redis.pid();
      // When
      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
      // Then
      await().atMost(Duration.ofMinutes(2)).until(() -> redis.pid() > 0 && redis.pid() != pid);
      set(redis, "again", "yes");
      assertThat(get(redis, "again")).isEqualTo("yes");
    }
  }

  @Test
  void shouldComeBackWhereItCouldNotBeStartedForAWhile() throws Exception {
    // Given a directory where its configuration is to be
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory)) {
      long pid = redis.pid();
      Path configuration = directory.resolve("redis.conf");
      Files.delete(configuration);
      Path inside = Files.createDirectories(configuration.resolve("inside"));
      // When something ends it, and it is tried again each second
      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
      // Then
      await()
          .during(Duration.ofSeconds(10))
          .atMost(Duration.ofMinutes(2))
          .until(() -> !redis.healthy());
      // When
      Files.delete(inside);
      Files.deleteIfExists(configuration);
      // Then
      await().atMost(Duration.ofMinutes(2)).until(() -> redis.pid() > 0);
      set(redis, "again", "yes");
      assertThat(get(redis, "again")).isEqualTo("yes");
    }
  }

  @Test
  void shouldSayWhereItCannotRun() throws Exception {
    // Given
    Path home = Files.writeString(directory.resolve("file"), "").resolve("redis");
    // Then
    assertThatThrownBy(() -> EmbeddedRedis.start(home))
        .isInstanceOf(EmbeddedStartException.class)
        .hasMessageContaining("Redis cannot run in " + home);
  }

  @Test
  void shouldLeaveStrangerAloneWhenItHoldsTheOldPort() throws Exception {
    // Given
    Path own = directory.resolve("own");
    try (EmbeddedRedis stranger = EmbeddedRedis.start(directory.resolve("stranger"))) {
      Files.createDirectories(own);
      Files.writeString(
          own.resolve("redis.conf"), "port " + stranger.port() + "\nrequirepass other\n");
      // When
      try (EmbeddedRedis redis = EmbeddedRedis.start(own)) {
        // Then
        assertThat(redis.adopted()).isFalse();
        assertThat(redis.port()).isNotEqualTo(stranger.port());
      }
      assertThat(stranger.healthy()).isTrue();
    }
  }

  private static void set(EmbeddedRedis redis, String key, String value) {
    try (RedisClient client = RedisClient.create(redis.url());
        var connection = client.connect()) {
      connection.sync().set(key, value);
    }
  }

  private static String get(EmbeddedRedis redis, String key) {
    try (RedisClient client = RedisClient.create(redis.url());
        var connection = client.connect()) {
      return connection.sync().get(key);
    }
  }
}
