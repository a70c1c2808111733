package dev.nexus.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.common.TopicPartition;

/// What is on its way: for each partition the facts in order, with the moment each was due. How
/// long each took counts from that moment, not from when it was sent.
final class UnderWay {
  /// Longest that the last of it is waited for.
  static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Map<Integer, ConcurrentLinkedQueue<long[]>> due = new HashMap<>();
  private final Histogram histogram = new Histogram(3);

  UnderWay(List<TopicPartition> partitions) {
    partitions.forEach(p -> due.put(p.partition(), new ConcurrentLinkedQueue<>()));
  }

  void sent(int partition, long offset, long dueNanos) {
    of(partition).add(new long[] {offset, dueNanos});
  }

  private ConcurrentLinkedQueue<long[]> of(int partition) {
    return due.getOrDefault(partition, new ConcurrentLinkedQueue<>());
  }

  /// Everything of the partition before `next` is there.
  synchronized void there(int partition, long next) {
    long now = System.nanoTime();
    var own = of(partition);
    for (long[] one = own.peek(); one != null && one[0] < next; one = own.peek()) {
      histogram.recordValue(Math.max(0, now - one[1]));
      own.remove();
    }
  }

  /// Returns how long all of them took, when the last is there.
  Latencies awaitAll(FixedRate rate) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!due.values().stream().allMatch(ConcurrentLinkedQueue::isEmpty)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not all of it was there within " + PATIENCE);
      }
      LockSupport.parkNanos(1_000_000);
    }
    synchronized (this) {
      return Latencies.of(
          List.of(histogram), Duration.ofNanos(System.nanoTime() - rate.beganNanos()));
    }
  }
}
