package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.testkit.RedisCopy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is around the platform breaks under load: the broker, Redis, the model. After each fault
/// nothing is lost, nothing is applied twice, and the projections are the fold of the log; how long
/// recovery took is printed and kept.
class FaultsIT {
  @RegisterExtension static final FaultRig rig = new FaultRig();

  private static final String LIST = "/v1/executions?limit=1";

  @Test
  void shouldLoseNothingWhenTheBrokerIsKilledAndStartedAgain() throws Exception {
    rig.through(
        "broker killed",
        () -> {
          rig.broker().kill();
          HttpResponse<String> refused = rig.call();
          assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
          assertThat(refused.body()).contains("log-unavailable");
          rig.broker().restart();
        });
  }

  @Test
  void shouldGoOnAcceptingWhileRedisIsOutOfMemory() throws Exception {
    rig.through(
        "Redis out of memory",
        () -> {
          onRedis(redis -> redis.configSet("maxmemory", "1"));
          String token = answered(rig.call());
          assertThat(rig.get(LIST).statusCode()).isEqualTo(200);
          HttpResponse<String> behind = rig.get(LIST + "&after=" + token);
          assertThat(behind.statusCode()).as(behind.body()).isEqualTo(504);
          assertThat(behind.body()).contains("not-visible-yet", "lag");
          onRedis(redis -> redis.configSet("maxmemory", "0"));
        });
  }

  @Test
  void shouldGoOnWhileRedisIsSlow() throws Exception {
    rig.through(
        "Redis slow (200 ms an answer)",
        () -> {
          rig.redisRoad().delay(Duration.ofMillis(200));
          String token = answered(rig.call());
          rig.awaitGet(LIST + "&after=" + token, r -> r.statusCode() == 200);
          rig.pause(Duration.ofSeconds(1), Duration.ofSeconds(3));
          rig.redisRoad().pass();
        });
  }

  @Test
  void shouldSayThatRedisIsSilentAndGoOnAccepting() throws Exception {
    rig.through(
        "Redis silent",
        () -> {
          rig.redisRoad().silence();
          HttpResponse<String> refused = rig.get(LIST);
          assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
          assertThat(refused.body()).contains("projections-unavailable");
          answered(rig.call());
          rig.pause(Duration.ZERO, Duration.ofSeconds(2));
          rig.redisRoad().pass();
        });
  }

  @Test
  void shouldFoldTheLogAnewWhenRedisIsWiped() throws Exception {
    rig.through("Redis wiped", () -> onRedis(RedisCommands::flushall));
  }

  @Test
  void shouldFoldTheLogAnewWhenRedisIsKilled() throws Exception {
    rig.through(
        "Redis killed",
        () -> {
          ProcessHandle process = ProcessHandle.of(rig.redis().pid()).orElseThrow();
          process.destroyForcibly();
          process.onExit().join();
        });
  }

  @Test
  void shouldGoOnFromAStaleCopyOfRedis() throws Exception {
    try (RedisClient client = RedisClient.create(rig.redis().url())) {
      RedisCopy copy = RedisCopy.of(client);
      rig.through("Redis replaced by a stale copy", () -> copy.restore(client));
    }
  }

  private static void onRedis(Consumer<RedisCommands<String, String>> action) {
    try (RedisClient client = RedisClient.create(rig.redis().url());
        var connection = client.connect()) {
      action.accept(connection.sync());
    }
  }

  /// The token of an answer.
  private static String answered(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return CanonicalJson.read(response.body()).path("token").asText();
  }
}
