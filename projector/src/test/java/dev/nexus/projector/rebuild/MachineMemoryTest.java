package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {
  private static final long OTHERWISE = 7;

  @TempDir Path directory;

  @Test
  void shouldTellWhatTheKernelCallsAvailable() throws IOException {
    // Given
    Path file = directory.resolve("meminfo");
    Files.writeString(file, "MemTotal:  64 kB\nMemFree:  8 kB\nMemAvailable:  20 kB\n");

    // Then
    assertThat(MachineMemory.in(file).available(OTHERWISE)).isEqualTo(20 * 1_024);
  }

  /// This machine says nothing of that of Redis.
  @Test
  void shouldTellNothingOfAMachineElsewhere() {
    assertThat(MachineMemory.elsewhere().available(OTHERWISE)).isEqualTo(OTHERWISE);
  }

  @Test
  void shouldTellNothingWhereTheKernelDoesNot() throws IOException {
    // Given
    Path file = directory.resolve("meminfo");
    Files.writeString(file, "MemTotal:  64 kB\n");

    // Then
    assertThat(MachineMemory.in(file).available(OTHERWISE)).isEqualTo(OTHERWISE);
    assertThat(MachineMemory.in(directory.resolve("none")).available(OTHERWISE))
        .isEqualTo(OTHERWISE);
  }
}
