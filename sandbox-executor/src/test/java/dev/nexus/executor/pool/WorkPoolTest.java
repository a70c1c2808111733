package dev.nexus.executor.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkPoolTest {
  private final Deque<Runnable> started = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();

  private Runnable work(String name) {
    return () -> done.add(name);
  }

  private void finishNext() {
    started.remove().run();
  }

  @Test
  void shouldRunNoMoreThanItsPermits() throws InterruptedException {
    WorkPool pool = new WorkPool(2, 2, 10, started::add);

    pool.submit("a", work("1"));
    assertThat(pool.awaitRoom(Duration.ZERO)).isTrue();
    pool.submit("a", work("2"));
    pool.submit("a", work("3"));

    assertThat(pool.awaitRoom(Duration.ZERO)).isFalse();
    assertThat(started).hasSize(2);
    finishNext();
    assertThat(started).hasSize(2);
    assertThat(pool.queued()).isZero();
  }

  @Test
  void shouldLetAnotherApplicationPassOneThatIsOverItsCap() throws InterruptedException {
    WorkPool pool = new WorkPool(3, 1, 10, started::add);

    pool.submit("greedy", work("g1"));
    pool.submit("greedy", work("g2"));
    pool.submit("greedy", work("g3"));
    pool.submit("modest", work("m1"));

    assertThat(started).hasSize(2);
    assertThat(pool.awaitRoom(Duration.ZERO)).isTrue();
    finishNext();
    finishNext();
    finishNext();
    finishNext();
    assertThat(done).containsExactly("g1", "m1", "g2", "g3");
    assertThat(pool.awaitIdle(Duration.ZERO)).isTrue();
  }

  @Test
  void shouldServeWaitingApplicationsInTurn() {
    WorkPool pool = new WorkPool(1, 1, 10, started::add);
    for (String name : List.of("a1", "a2", "a3", "b1", "b2")) {
      pool.submit(name.substring(0, 1), work(name));
    }

    while (!started.isEmpty()) {
      finishNext();
    }

    assertThat(done).containsExactly("a1", "a2", "b1", "a3", "b2");
  }

  @Test
  void shouldHaveNoRoomWhenItsQueuesAreFull() throws InterruptedException {
    WorkPool pool = new WorkPool(5, 1, 2, started::add);
    pool.submit("a", work("1"));
    pool.submit("a", work("2"));
    assertThat(pool.awaitRoom(Duration.ZERO)).isTrue();

    pool.submit("a", work("3"));

    assertThat(pool.awaitRoom(Duration.ZERO)).isFalse();
  }

  @Test
  void shouldFreeThePermitOfWorkThatThrows() throws InterruptedException {
    WorkPool pool = new WorkPool(1, 1, 2, started::add);
    pool.submit(
        "a",
        () -> {
          throw new IllegalStateException("expected");
        });

    org.assertj.core.api.Assertions.assertThatThrownBy(this::finishNext).hasMessage("expected");

    assertThat(pool.awaitIdle(Duration.ZERO)).isTrue();
  }

  /// Work that waits for other work of its application, which needs a permit for it.
  @Test
  void shouldLetOthersHaveThePermitOfWorkThatStepsAside() throws Exception {
    // Given a pool that one piece of work fills
    List<Integer> aside = new ArrayList<>();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      WorkPool pool = new WorkPool(1, 1, 10, threads, aside::add);
      var done = new CountDownLatch(1);
      var outcome = new CompletableFuture<String>();
      pool.submit(
          "a",
          () -> {
            // When it waits for another
            pool.submit("a", done::countDown);
            try (WorkPool.Aside _ = WorkPool.aside()) {
              outcome.complete(done.await(60, TimeUnit.SECONDS) ? "done" : "never began");
            } catch (InterruptedException e) {
              outcome.complete("interrupted");
            }
          });

      // Then
      assertThat(outcome.get(90, TimeUnit.SECONDS)).isEqualTo("done");
      assertThat(pool.awaitIdle(Duration.ofSeconds(60))).isTrue();
      assertThat(aside).containsExactly(1, 0);
      assertThat(pool.running()).isZero();
    }
  }

  @Test
  void shouldKeepPermitsWhereTooMuchIsAside() throws Exception {
    // Given
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      WorkPool pool = new WorkPool(1, 1, 10, threads);
      var go = new CountDownLatch(1);
      int most = WorkPool.ASIDE_A_PERMIT + 1;
      var began = new CountDownLatch(most);
      for (int i = 0; i < most + 1; i++) {
        pool.submit(
            "a",
            () -> {
              try (WorkPool.Aside _ = WorkPool.aside()) {
                began.countDown();
                go.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
      }

      // Then all but the last have begun, of which one holds the permit
      assertThat(began.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(pool.running()).isEqualTo(1);
      assertThat(pool.queued()).isEqualTo(1);
      go.countDown();
      assertThat(pool.awaitIdle(Duration.ofSeconds(60))).isTrue();
    }
  }

  @Test
  void shouldStepNowhereOutsideOfAPool() {
    try (WorkPool.Aside aside = WorkPool.aside()) {
      assertThat(aside).isNotNull();
    }
  }
}
