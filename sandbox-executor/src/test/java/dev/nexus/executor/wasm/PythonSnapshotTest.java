package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.code.CodeLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import run.endive.runtime.Memory;

class PythonSnapshotTest {

  /// So that it makes no difference where it was started: by the build, or here.
  @Test
  void shouldBeWhatAStartGives() {
    // When
    MemorySnapshot started =
        ScopedValue.where(GuestCall.CURRENT, GuestCall.withoutInput(Long.MAX_VALUE))
            .call(() -> Python.begun(CodeLimits.DEFAULT.memoryBytes() / Memory.PAGE_SIZE));

    // Then
    assertThat(PythonSnapshot.made())
        .get()
        .satisfies(
            made -> {
              assertThat(made.pages()).isEqualTo(started.pages());
              assertThat(made.stackPointer()).isEqualTo(started.stackPointer());
              assertThat(made.granules()).isDeepEqualTo(started.granules());
            });
  }

  @Test
  void shouldNotBeReadWhenItWasMadeFromSomethingElse(@TempDir Path directory) throws IOException {
    // Given
    Path file = directory.resolve("one.snapshot");
    MemorySnapshot snapshot = SnapshotMemory.empty(1, 2).freeze(7);
    SnapshotFile.write(file, "3.13 and its prelude", snapshot);

    // Then
    assertThat(SnapshotFile.read(Files.newInputStream(file), "3.13 and its prelude")).isPresent();
    assertThat(SnapshotFile.read(Files.newInputStream(file), "3.14 and its prelude")).isEmpty();
  }
}
