package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisIT {
  @TempDir Path directory;

  @Test
  void shouldEndServerWhenClosed() {
    // Given
    EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"));
    assertThat(redis.healthy()).isTrue();
    // When
    redis.close();
    // Then
    assertThat(redis.healthy()).isFalse();
    assertThat(LoopbackPorts.isFree(redis.port())).isTrue();
  }
}
