package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryIT {
  @TempDir Path directory;

  @Test
  void shouldBeLockedForAnotherProcessUntilItsOwnerIsGone() throws Exception {
    try (ChildJvm owner = ChildJvm.run(RedisVictim.class, directory.toString())) {
      // Given
      owner.await("redis ");
      // Then
      assertThatThrownBy(() -> DataDirectory.lock(directory))
          .hasMessageContaining("process " + owner.pid());
      // When
      owner.kill();
      // Then
      assertThatCode(() -> DataDirectory.lock(directory).close()).doesNotThrowAnyException();
    } finally {
      EmbeddedRedis.endSurvivor(directory.resolve("redis"));
    }
  }
}
