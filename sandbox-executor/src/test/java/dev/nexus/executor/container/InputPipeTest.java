package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

class InputPipeTest {
  private static final byte[] BLOCK = new byte[1 << 20];

  /// Callers would fill the memory of all with what one program does not read.
  @Test
  void shouldRefuseWhatAProgramDoesNotRead() throws IOException {
    // Given
    try (var pipe = new InputPipe()) {
      OutputStream input = pipe.with(() -> {}).input();
      for (int i = 0; i < InputPipe.MOST_WAITING / BLOCK.length; i++) {
        input.write(BLOCK);
      }

      // Then
      assertThatThrownBy(() -> input.write(1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not read");

      // When it reads
      assertThat(pipe.readNBytes(BLOCK.length)).hasSize(BLOCK.length);

      // Then there is room again, and no more than that
      input.write(BLOCK);
      assertThatThrownBy(() -> input.write(1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void shouldGiveAllThatWasWrittenBeforeItsEnd() throws IOException {
    try (var pipe = new InputPipe()) {
      var conversation = pipe.with(() -> {});
      conversation.input().write(new byte[] {1, 2, 3});
      conversation.input().write(4);
      conversation.close();

      assertThat(pipe.readAllBytes()).containsExactly(1, 2, 3, 4);
      assertThat(pipe.read()).isEqualTo(-1);
    }
  }
}
