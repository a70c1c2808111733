package dev.nexus.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/// Callers that each send their next call when the last one was answered.
final class ClosedLoop {
  /// Makes the calls of one caller.
  interface Caller extends AutoCloseable {
    void call() throws Exception;

    @Override
    void close() throws Exception;
  }

  interface Callers {
    Caller open(int number) throws Exception;
  }

  private ClosedLoop() {}

  static Latencies run(int concurrency, Duration length, Callers callers)
      throws InterruptedException, ExecutionException {
    long begin = System.nanoTime();
    long end = begin + length.toNanos();
    List<Future<Histogram>> loops = new ArrayList<>();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      for (int i = 0; i < concurrency; i++) {
        int number = i;
        loops.add(threads.submit(() -> loop(callers, number, end)));
      }
      List<Histogram> histograms = new ArrayList<>();
      for (Future<Histogram> loop : loops) {
        histograms.add(loop.get());
      }
      return Latencies.of(histograms, Duration.ofNanos(System.nanoTime() - begin));
    }
  }

  private static Histogram loop(Callers callers, int number, long end) throws Exception {
    Histogram histogram = new Histogram(3);
    try (Caller caller = callers.open(number)) {
      for (long before = System.nanoTime(); before < end; ) {
        caller.call();
        long after = System.nanoTime();
        histogram.recordValue(after - before);
        before = after;
      }
    }
    return histogram;
  }
}
