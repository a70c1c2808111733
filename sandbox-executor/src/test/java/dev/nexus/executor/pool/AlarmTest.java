package dev.nexus.executor.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AlarmTest {
  private static final Duration SOON = Duration.ofMillis(20);
  private static final Duration LATE = Duration.ofMinutes(10);

  private final AlarmClock clock = new AlarmClock();

  private static void untilInterrupted() {
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.park();
    }
  }

  @Test
  void shouldInterruptItsThreadAtItsTimeAndTakeTheInterruptBackAtItsEnd() {
    // Given
    long begun = System.nanoTime();
    Alarm alarm = Alarm.after(SOON, clock);

    // When
    untilInterrupted();

    // Then
    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(SOON.toNanos());
    assertThat(alarm.end()).isTrue();
    assertThat(Thread.interrupted()).isFalse();
    assertThat(clock.size()).isZero();
  }

  @Test
  void shouldRingInTimeWhereLaterOnesWereSetBefore() {
    // Given
    Alarm late = Alarm.after(LATE, clock);
    Alarm soon = Alarm.after(SOON, clock);

    // When
    untilInterrupted();

    // Then
    assertThat(soon.end()).isTrue();
    assertThat(late.end()).isFalse();
  }

  @Test
  void shouldNotWakeTheClockForAlarmsThatEndBeforeIt() {
    // Given a clock that looks in ten minutes
    Alarm.after(LATE, clock);
    long before = clock.sleeps();

    // When
    for (int i = 0; i < 10_000; i++) {
      Alarm.after(LATE, clock).end();
    }

    // Then it may have looked once, for the first of all
    assertThat(clock.sleeps() - before).isLessThanOrEqualTo(2);
    assertThat(clock.size()).isOne();
  }

  @Test
  void shouldNotCountTheTimeOfAPause() throws Exception {
    // Given: time enough to come to the pause on a slow machine
    Duration limit = Duration.ofMillis(600);
    Alarm alarm = Alarm.after(limit, clock);

    // When
    try (Alarm.Pause _ = alarm.pause()) {
      assertThat(clock.size()).isZero();
      TimeUnit.NANOSECONDS.sleep(limit.plusMillis(100).toNanos()); // throws when it rings
    }

    // Then
    untilInterrupted();
    assertThat(alarm.end()).isTrue();
  }

  @Test
  void shouldRingForALimitLongerThanAnyClockCounts() {
    // Given
    Alarm endless = Alarm.after(Duration.ofNanos(Long.MAX_VALUE), clock);
    Alarm soon = Alarm.after(SOON, clock);

    // When
    untilInterrupted();

    // Then
    assertThat(soon.end()).isTrue();
    assertThat(endless.end()).isFalse();
  }

  @Test
  void shouldRingEachOfManyAndNoneThatHasEnded() throws Exception {
    try (var threads = Executors.newFixedThreadPool(8)) {
      // Given
      List<Future<Integer>> all = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        all.add(threads.submit(many(new Random(thread))));
      }

      // When
      int rung = 0;
      for (Future<Integer> one : all) {
        rung += one.get();
      }

      // Then
      assertThat(rung).isPositive();
      assertThat(clock.size()).isZero();
    }
  }

  /// Half of them are waited for, the others are ended at about the time they ring.
  private Callable<Integer> many(Random random) {
    return () -> {
      int rung = 0;
      for (int i = 0; i < 300; i++) {
        long nanos = random.nextInt(2_000_000);
        Alarm alarm = Alarm.after(Duration.ofNanos(nanos), clock);
        boolean waits = random.nextBoolean();
        if (waits) {
          untilInterrupted();
        } else {
          LockSupport.parkNanos(nanos);
        }
        boolean rang = alarm.end();
        assertThat(rang || !waits).isTrue();
        assertThat(Thread.interrupted()).as("an interrupt of an alarm that has ended").isFalse();
        rung += rang ? 1 : 0;
      }
      return rung;
    };
  }

  @Test
  void shouldGoOnWhereItsThreadIsInterrupted() {
    // Given
    clock.thread().interrupt();

    // When
    Alarm alarm = Alarm.after(SOON, clock);
    untilInterrupted();

    // Then
    assertThat(alarm.end()).isTrue();
  }
}
