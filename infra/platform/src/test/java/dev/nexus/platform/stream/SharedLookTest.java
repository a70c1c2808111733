package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many who come while a look is under way.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SharedLookTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MANY = 100;

  /// One for each look that has begun and that nobody has awaited yet.
  private final Semaphore begun = new Semaphore(0);

  /// Each look needs one to end.
  private final Semaphore permits = new Semaphore(0);

  private final AtomicReference<Error> error = new AtomicReference<>();
  private volatile long until;
  private final SharedLook looks = new SharedLook("test-looks", this::take);

  private void take(long mostPatient) {
    until = mostPatient;
    begun.release();
    permits.acquireUninterruptibly();
    Error failure = error.getAndSet(null);
    if (failure != null) {
      throw failure;
    }
  }

  @AfterEach
  void end() {
    permits.release(MANY);
    looks.close();
  }

  @Test
  void shouldTakeOneForAllWhoComeDuringOneThatBeganBeforeThem() throws Exception {
    // Given
    var first = looks.next(PATIENCE);
    begun.acquire();

    // When
    List<CompletableFuture<Boolean>> others = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      others.add(looks.next(PATIENCE));
    }
    permits.release();

    // Then it ends for the first, and for nobody else
    first.get();
    begun.acquire();
    assertThat(others).noneMatch(CompletableFuture::isDone);
    permits.release();
    CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)).get();
    assertThat(begun.availablePermits()).isZero();
  }

  @Test
  void shouldLookForAsLongAsTheMostPatientWaits() throws Exception {
    // Given
    var first = looks.next(PATIENCE);
    begun.acquire();
    long before = System.nanoTime();
    var patient = looks.next(Duration.ofDays(2));
    var impatient = looks.next(Duration.ofMillis(1));

    // When
    permits.release(2);
    CompletableFuture.allOf(first, patient, impatient).get();

    // Then
    assertThat(until - before).isGreaterThanOrEqualTo(Duration.ofDays(2).toNanos());
  }

  @Test
  void shouldTakeTheNextAfterAnErrorForThoseWhoCameMeanwhile() throws Exception {
    // Given
    var first = looks.next(PATIENCE);
    begun.acquire();
    var second = looks.next(PATIENCE);

    // When
    var failure = new StackOverflowError("for a test");
    error.set(failure);
    permits.release(2);

    // Then
    second.get();
    assertThatThrownBy(first::get).hasCause(failure);
  }

  @Test
  void shouldGiveUpWhenPatienceRunsOutAndTellWhatHoldsItUp() {
    // Given
    var failure = new IllegalStateException("away");

    // Then
    assertThatThrownBy(() -> looks.await(Duration.ofMillis(1), () -> failure))
        .isInstanceOf(NotReadInTimeException.class)
        .hasMessageContaining("within PT0.001S")
        .hasCause(failure);
  }

  @Test
  void shouldRefuseWhoWaitsWhenItIsClosed() throws Exception {
    // Given
    var underWay = looks.next(PATIENCE);
    begun.acquire();
    var waiting = looks.next(PATIENCE);

    // When
    looks.close();
    var late = looks.next(PATIENCE);

    // Then
    for (var refused : List.of(waiting, late)) {
      assertThatThrownBy(refused::get)
          .hasCauseInstanceOf(NotReadInTimeException.class)
          .hasMessageContaining("closed");
    }
    permits.release();
    underWay.get();
    assertThat(begun.availablePermits()).isZero();
  }
}
