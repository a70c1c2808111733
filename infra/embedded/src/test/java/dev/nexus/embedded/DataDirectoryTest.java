package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path directory;

  @Test
  void shouldNameTheOwnerWhenLocked() {
    // Given
    try (DataDirectory first = DataDirectory.lock(directory)) {
      // Then
      assertThatThrownBy(() -> DataDirectory.lock(first.path()))
          .isInstanceOf(EmbeddedStartException.class)
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()))
          .hasMessageContaining("nexus down");
    }
  }

  @Test
  void shouldLockAgainWhenReleased() {
    // Given
    DataDirectory.lock(directory).close();
    // When
    try (DataDirectory again = DataDirectory.lock(directory)) {
      // Then
      assertThat(again.path()).isEqualTo(directory.toAbsolutePath());
    }
  }

  @Test
  void shouldSayWhatToDoWhenDirectoryCannotBeMade() throws Exception {
    // Given
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    // Then
    assertThatThrownBy(() -> DataDirectory.lock(file.resolve("data")))
        .isInstanceOf(EmbeddedStartException.class)
        .hasMessageContaining("NEXUS_DATA_DIR");
  }
}
