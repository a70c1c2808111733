package dev.nexus.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(ClosedLoop.class);

  private ClosedLoop() {}

  static Latencies run(int concurrency, Duration length, Callers callers)
      throws InterruptedException, ExecutionException {
    List<Future<Caller>> opened = new ArrayList<>();
    List<Future<Histogram>> loops = new ArrayList<>();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      for (int i = 0; i < concurrency; i++) {
        int number = i;
        opened.add(threads.submit(() -> callers.open(number)));
      }
      // What it takes to open a caller is none of its calls.
      for (Future<Caller> caller : opened) {
        await(caller);
      }
      long begin = System.nanoTime();
      long end = begin + length.toNanos();
      for (Future<Caller> caller : opened) {
        loops.add(threads.submit(() -> loop(caller, end)));
      }
      List<Histogram> histograms = new ArrayList<>();
      for (Future<Histogram> loop : loops) {
        histograms.add(loop.get());
      }
      return Latencies.of(histograms, Duration.ofNanos(System.nanoTime() - begin));
    }
  }

  /// One that cannot be opened says so by its loop, behind which the others have been closed.
  private static void await(Future<Caller> caller) throws InterruptedException {
    try {
      caller.get();
    } catch (ExecutionException e) {
      LOG.atDebug().setCause(e).log("a caller was not opened");
    }
  }

  private static Histogram loop(Future<Caller> opened, long end) throws Exception {
    Histogram histogram = new Histogram(3);
    if (opened.state() == Future.State.FAILED && opened.exceptionNow() instanceof Exception e) {
      throw e;
    }
    try (Caller caller = opened.get()) {
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
