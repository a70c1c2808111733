package dev.nexus.platform.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisAddressTest {
  private static final String SENTINELS = "redis-sentinel://:secret@one:26379,two:26380/0";

  @ParameterizedTest
  @CsvSource({
    "redis://host, 10s",
    "redis://:timeout=5s@host/1?database=2, 10s",
    "redis://host?timeout=60s, 60s",
    "redis://host?database=2&TIMEOUT=300ms, 0.3s",
    "redis-socket:///tmp/redis.sock?timeout=3s, 3s",
  })
  void shouldGiveTenSecondsUnlessTheUrlHasATime(String url, String expected) {
    assertThat(RedisAddress.uri(url).getTimeout()).isEqualTo(Duration.parse("PT" + expected));
  }

  @Test
  void shouldGiveSentinelsTheSameTime() {
    // Given
    var silent = RedisAddress.uri(SENTINELS + "?sentinelMasterId=main");
    var said = RedisAddress.uri(SENTINELS + "?sentinelMasterId=main&timeout=20s");
    // Then
    assertThat(silent.getSentinels())
        .hasSize(2)
        .allSatisfy(one -> assertThat(one.getTimeout()).isEqualTo(Duration.ofSeconds(10)));
    assertThat(said.getSentinels())
        .allSatisfy(one -> assertThat(one.getTimeout()).isEqualTo(Duration.ofSeconds(20)));
  }

  @ParameterizedTest
  @CsvSource({
    "redis://localhost, true",
    "redis://:secret@127.0.0.1:6380/1, true",
    "rediss://[::1]:6379, true",
    "redis-socket:///tmp/redis.sock, true",
    "redis://redis:6379, false",
    "rediss://:secret@10.0.0.7, false",
    "redis-sentinel://127.0.0.1:26379?sentinelMasterId=main, false",
  })
  void shouldKnowWhatIsOnThisMachine(String url, boolean expected) {
    assertThat(RedisAddress.isHere(url)).isEqualTo(expected);
  }

  @Test
  void shouldShowWhatTheUrlNamesWithoutItsPassword() {
    assertThat(RedisAddress.shown("redis://user:secret@host?timeout=5s")).isEqualTo("host:6379");
    assertThat(RedisAddress.shown("redis-socket://secret@/tmp/redis.sock"))
        .isEqualTo("/tmp/redis.sock");
    assertThat(RedisAddress.shown(SENTINELS + "?sentinelMasterId=main"))
        .isEqualTo("one:26379, two:26380 (sentinels of main)");
  }
}
