package dev.nexus.executor.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
}
