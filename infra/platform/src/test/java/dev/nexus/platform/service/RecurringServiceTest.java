package dev.nexus.platform.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.service.RecurringService.First;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(240)
class RecurringServiceTest {
  private static final Duration SHORT = Duration.ofMillis(2);
  private static final Duration LONG = Duration.ofHours(1);

  /// What a round does.
  private interface Work {
    void run(Counted service) throws Exception;
  }

  private static final class Counted extends RecurringService {
    private final Work work;
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger released = new AtomicInteger();
    private final CountDownLatch three = new CountDownLatch(3);
    private final CountDownLatch first = new CountDownLatch(1);

    Counted(Duration rest, First begins, Work work) {
      super("counted", rest, begins);
      this.work = work;
    }

    @Override
    protected void round() throws Exception {
      rounds.incrementAndGet();
      first.countDown();
      three.countDown();
      work.run(this);
    }

    @Override
    protected void failed(Throwable failure) {
      failures.incrementAndGet();
    }

    @Override
    protected void release() {
      released.incrementAndGet();
    }
  }

  @Test
  void shouldDoTheSameAgainAlsoWhenARoundFails() throws InterruptedException {
    // Given rounds that fail, one by an error
    Counted service =
        new Counted(
            SHORT,
            First.AFTER_A_REST,
            own -> {
              if (own.rounds.get() == 1) {
                throw new StackOverflowError("first");
              }
              throw new IllegalStateException("later");
            });

    // When
    service.start();

    // Then
    assertThat(service.three.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(service.healthy()).isTrue();
    service.close();
    assertThat(service.failures.get()).isBetween(2, service.rounds.get());
    assertThat(service.healthy()).isFalse();
    assertThat(service.released.get()).isEqualTo(1);
  }

  @Test
  void shouldBeginAtOnceOrAfterARest() throws InterruptedException {
    try (Counted atOnce = new Counted(LONG, First.AT_ONCE, _ -> {});
        Counted later = new Counted(LONG, First.AFTER_A_REST, _ -> {})) {
      atOnce.start();
      later.start();

      assertThat(atOnce.first.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(later.rounds.get()).isZero();
    }
  }

  @Test
  void shouldBreakOffALongRoundWithoutAWordWhenItEnds() throws InterruptedException {
    // Given
    Counted service =
        new Counted(
            SHORT,
            First.AT_ONCE,
            own -> {
              while (true) {
                own.requireOpen();
                Thread.onSpinWait();
              }
            });
    service.start();
    assertThat(service.first.await(1, TimeUnit.MINUTES)).isTrue();

    // When
    service.close();

    // Then
    assertThat(service.healthy()).isFalse();
    assertThat(service.rounds.get()).isEqualTo(1);
    assertThat(service.failures.get()).isZero();
  }

  @Test
  void shouldEndARoundThatWaitsForWhatItReleases() throws InterruptedException {
    // Given
    var released = new CountDownLatch(1);
    var begun = new CountDownLatch(1);
    RecurringService service =
        new RecurringService("waiting", LONG, First.AT_ONCE) {
          @Override
          protected void round() throws InterruptedException {
            begun.countDown();
            released.await();
            throw new IllegalStateException("what it used is gone");
          }

          @Override
          protected void release() {
            released.countDown();
          }
        };
    service.start();
    assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();

    // When
    service.close();

    // Then
    assertThat(service.healthy()).isFalse();
  }

  @Test
  void shouldHaveNothingToEndWhenItWasNeverStarted() {
    new Counted(SHORT, First.AT_ONCE, _ -> {}).close();

    assertThatThrownBy(() -> new Counted(Duration.ofNanos(1), First.AT_ONCE, _ -> {}))
        .hasMessageContaining("a rest of a millisecond at least expected");
  }
}
