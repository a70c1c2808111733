package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.executor.service.Callers.BusyException;
import java.io.Closeable;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CallersTest {
  private final Callers callers = new Callers();

  @Test
  void shouldLeaveRoomToOthersWhateverOneCallerAsks() throws IOException {
    for (int i = 0; i < Callers.MOST_OF_ONE; i++) {
      callers.enter("key:a");
    }
    assertThatThrownBy(() -> callers.enter("key:a"))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("40 calls of this caller");
    for (int i = Callers.MOST_OF_ONE; i < Callers.MOST; i++) {
      callers.enter("key:b");
    }
    assertThatThrownBy(() -> callers.enter("key:c")).hasMessageContaining("56 calls of it");
  }

  @Test
  void shouldGiveAPlaceBackOnce() throws IOException {
    Closeable one = callers.enter("key:a");
    Closeable other = callers.enter("key:a");
    one.close();
    one.close();
    assertThat(callers.isEmpty()).isFalse();
    other.close();
    assertThat(callers.isEmpty()).isTrue();
  }
}
