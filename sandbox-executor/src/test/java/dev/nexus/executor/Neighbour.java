package dev.nexus.executor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Is asked again and again beside what is hostile, and says whose fault it is where that disturbs
/// it: an abuse during which an answer was wrong, late, or did not come. What is looked for is a
/// neighbour that stands still: no machine of tests is so slow, and each is slow for a moment.
public final class Neighbour implements AutoCloseable {
  private static final Duration LATE = Duration.ofSeconds(5);
  private static final int MOST_TIMES = 50;

  /// What the p99 of all its calls may be, where it is also [#MOST_TIMES] of what it is alone.
  private static final Duration SLOW = Duration.ofSeconds(1);

  private static final int CALLS_ALONE = 100;
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String name;
  private final Question question;
  private final long alone;
  private final Semaphore hurry = new Semaphore(0);
  private final Thread asking;

  /// Guarded by itself, which hears of each.
  private final List<Call> calls = new ArrayList<>();

  private final List<String> disturbed = new ArrayList<>();
  private volatile boolean going = true;

  /// Asks once, and throws where the answer is wrong.
  @FunctionalInterface
  public interface Question {
    void ask() throws Exception;
  }

  /// @param wrong why its answer was none, empty where it was right
  private record Call(long begun, long ended, String wrong) {
    long took() {
      return ended - begun;
    }
  }

  private Neighbour(String name, Question question, long alone) {
    this.name = name;
    this.question = question;
    this.alone = alone;
    this.asking = Thread.ofPlatform().name(name).start(this::goOn);
  }

  /// Measures it while nothing is hostile yet, and begins to ask.
  public static Neighbour of(String name, Question question) throws Exception {
    question.ask(); // which may begin what answers
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < CALLS_ALONE; i++) {
      long begun = System.nanoTime();
      question.ask();
      took.add(System.nanoTime() - begun);
      Thread.sleep(PAUSE);
    }
    return new Neighbour(name, question, p99(took));
  }

  /// What is longer for one answer: far beyond what a machine takes, and what it took alone.
  public Duration late() {
    return Duration.ofNanos(Math.max(LATE.toNanos(), MOST_TIMES * alone));
  }

  /// Runs an abuse, and waits until the neighbour has answered behind it.
  public <T> T during(String abuse, Callable<T> tried) throws Exception {
    long begin = System.nanoTime();
    T outcome = tried.call();
    long end = System.nanoTime();
    judge(abuse, begin, end, answeredBehind(end, begin));
    return outcome;
  }

  /// Ends it, and fails where an abuse disturbed it.
  @Override
  public void close() {
    going = false;
    hurry.release();
    if (!ended()) {
      asking.interrupt();
      disturbed.add("it answers no more");
    }
    synchronized (calls) {
      List<Long> took = calls.stream().map(Call::took).toList();
      String told =
          "all in all: %d calls of %s, p99 %s ms, longest %s ms; alone their p99 is %s ms"
              .formatted(
                  took.size(), name, millis(p99(took)), millis(longest(calls)), millis(alone));
      System.out.println(told);
      if (p99(took) > Math.max(SLOW.toNanos(), MOST_TIMES * alone)) {
        disturbed.add(told);
      }
    }
    if (!disturbed.isEmpty()) {
      throw new AssertionError(name + " was disturbed:\n" + String.join("\n", disturbed));
    }
  }

  private boolean ended() {
    try {
      return asking.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void goOn() {
    try {
      while (going) {
        long begun = System.nanoTime();
        String wrong = wrong();
        synchronized (calls) {
          calls.add(new Call(begun, System.nanoTime(), wrong));
          calls.notifyAll();
        }
        hurry.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String wrong() throws InterruptedException {
    try {
      question.ask();
      return "";
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | AssertionError e) {
      return e.toString();
    }
  }

  /// The calls since `begin`, of which one has ended behind `end`.
  private List<Call> answeredBehind(long end, long begin) throws Exception {
    hurry.release();
    synchronized (calls) {
      while (calls.isEmpty() || calls.getLast().ended() - end < 0) {
        long left = PATIENCE.toNanos() - (System.nanoTime() - end);
        if (left <= 0 || !asking.isAlive()) {
          throw new TimeoutException(name + " answers no more");
        }
        TimeUnit.NANOSECONDS.timedWait(calls, left);
      }
      return calls.stream().filter(call -> call.ended() - begin > 0).toList();
    }
  }

  private void judge(String abuse, long begin, long end, List<Call> beside) {
    List<Long> took = beside.stream().map(Call::took).toList();
    long within = beside.stream().filter(call -> call.ended() - end < 0).count();
    String told =
        "%s: %d calls of %s, %d of them ended before it did, p99 %s ms, longest %s ms; it took %s ms, alone their p99 is %s ms"
            .formatted(
                abuse,
                beside.size(),
                name,
                within,
                millis(p99(took)),
                millis(longest(beside)),
                millis(end - begin),
                millis(alone));
    System.out.println(told);
    boolean silent = within == 0 && end - begin > LATE.toNanos();
    // the longest rather than the p99: the one call that waits is one of few, or of very many
    boolean late = longest(beside) > late().toNanos();
    if (silent || late) {
      disturbed.add(told);
    }
    beside.stream()
        .map(Call::wrong)
        .filter(wrong -> !wrong.isEmpty())
        .findFirst()
        .ifPresent(wrong -> disturbed.add(abuse + ": " + wrong));
  }

  private static long longest(List<Call> some) {
    return some.stream().mapToLong(Call::took).max().orElse(0);
  }

  private static long p99(List<Long> took) {
    List<Long> sorted = took.stream().sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get((sorted.size() * 99 + 99) / 100 - 1);
  }

  private static String millis(long nanos) {
    return "%.1f".formatted(nanos / 1e6);
  }
}
