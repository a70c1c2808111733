package dev.nexus.executor;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class NeighbourTest {
  private final ReentrantLock shared = new ReentrantLock();
  private final AtomicBoolean right = new AtomicBoolean(true);

  private Neighbour neighbour() throws Exception {
    return Neighbour.of(
        "the neighbour",
        () -> {
          shared.lock();
          try {
            if (!right.get()) {
              throw new AssertionError("8 instead of 7");
            }
          } finally {
            shared.unlock();
          }
        });
  }

  @Test
  void shouldNameTheAbuseThatAnAnswerWaitedFor() throws Exception {
    // Given
    Neighbour neighbour = neighbour();
    neighbour.during("waiting", () -> right);

    // When
    neighbour.during(
        "holding a lock",
        () -> {
          shared.lock();
          try {
            Thread.sleep(neighbour.late().plusMillis(200));
          } finally {
            shared.unlock();
          }
          return right;
        });
    neighbour.during("going on", () -> right);

    // Then
    assertThatThrownBy(neighbour::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("holding a lock")
        .hasMessageNotContainingAny("waiting", "going on");
  }

  @Test
  void shouldNameTheAbuseThatAnAnswerWasWrongBehind() throws Exception {
    Neighbour neighbour = neighbour();

    neighbour.during("writing elsewhere", () -> right.getAndSet(false));

    assertThatThrownBy(neighbour::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("writing elsewhere")
        .hasMessageContaining("8 instead of 7");
  }

  @Test
  void shouldEndWhereNothingDisturbedIt() throws Exception {
    Neighbour neighbour = neighbour();

    neighbour.during("waiting", () -> right);

    assertThatCode(neighbour::close).doesNotThrowAnyException();
  }
}
