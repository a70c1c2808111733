package dev.nexus.executor.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Rings alarms when their time has come. Nearly all of them are ended long before, so to set one
/// is to note it down: the clock's thread is woken only for one that rings before it would look
/// again by itself. To wake it for each costs a call of code ten microseconds.
final class AlarmClock {
  /// How long the clock sleeps where nothing is set.
  private static final long LONGEST_SLEEP = TimeUnit.HOURS.toNanos(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition sooner = lock.newCondition();
  private final List<Alarm> alarms = new ArrayList<>();
  private long looks = System.nanoTime() + LONGEST_SLEEP;
  private long sleeps;

  private final Thread thread =
      Thread.ofPlatform().daemon().name("code-alarm").unstarted(this::watch);

  AlarmClock() {
    thread.start();
  }

  /// Rings an alarm at its time, once, unless it is removed before.
  void add(Alarm alarm) {
    lock.lock();
    try {
      alarm.place = alarms.size();
      alarms.add(alarm);
      if (alarm.time - looks < 0) {
        looks = alarm.time;
        sooner.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Takes an alarm back; one that is about to ring is told otherwise by itself.
  void remove(Alarm alarm) {
    lock.lock();
    try {
      if (alarm.place >= 0) {
        takeOut(alarm);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The last one takes its place.
  private void takeOut(Alarm alarm) {
    Alarm last = alarms.removeLast();
    if (last != alarm) {
      alarms.set(alarm.place, last);
      last.place = alarm.place;
    }
    alarm.place = Alarm.NOT_SET;
  }

  private void watch() {
    while (true) {
      try {
        due().forEach(Alarm::ring);
      } catch (InterruptedException e) {
        // Nobody has a reason to: it goes on, else no time limit would hold.
      }
    }
  }

  /// Waits until some are due, and takes them out.
  private List<Alarm> due() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        long now = System.nanoTime();
        List<Alarm> due = alarms.stream().filter(alarm -> alarm.time - now <= 0).toList();
        if (!due.isEmpty()) {
          due.forEach(this::takeOut);
          return due;
        }
        long sleep = LONGEST_SLEEP;
        for (Alarm alarm : alarms) {
          sleep = Math.min(sleep, alarm.time - now);
        }
        looks = now + sleep;
        sleeps++;
        sooner.awaitNanos(sleep);
      }
    } finally {
      lock.unlock();
    }
  }

  Thread thread() {
    return thread;
  }

  /// How often it went to sleep, and so was awake.
  long sleeps() {
    lock.lock();
    try {
      return sleeps;
    } finally {
      lock.unlock();
    }
  }

  /// How many are set.
  int size() {
    lock.lock();
    try {
      return alarms.size();
    } finally {
      lock.unlock();
    }
  }
}
