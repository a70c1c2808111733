package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// What was read for a partition and waits for its thread. Who reads stops when it is full, by
/// number or by bytes, and goes on when there is room.
final class PartitionQueue {
  private static final int FULL = 4_000;
  private static final int ROOM = 1_000;

  /// There is one for each partition, and a small heap holds all of them.
  private static final long FULL_BYTES = 4 << 20;

  private static final long ROOM_BYTES = 1 << 20;
  private static final int MOST_AT_ONCE = 1_000;

  private record Batch(int epoch, List<ConsumerRecord<String, byte[]>> records) {
    long bytes() {
      return records.stream().mapToLong(r -> Math.max(0, r.serializedValueSize())).sum();
    }
  }

  private final BlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
  private final AtomicInteger records = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /// True when it is full with these.
  boolean add(int epoch, List<ConsumerRecord<String, byte[]>> read) {
    Batch batch = new Batch(epoch, read);
    batches.add(batch);
    int count = records.addAndGet(read.size());
    return bytes.addAndGet(batch.bytes()) > FULL_BYTES || count > FULL;
  }

  /// Lets who waits for records go on without any.
  void wake() {
    batches.add(new Batch(-1, List.of()));
  }

  /// Waits for records and takes some of those read in `epoch`; others are dropped.
  List<ConsumerRecord<String, byte[]>> take(Duration wait, int epoch) throws InterruptedException {
    List<ConsumerRecord<String, byte[]>> taken = new ArrayList<>();
    for (Batch batch = batches.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        batch != null;
        batch = taken.size() < MOST_AT_ONCE ? batches.poll() : null) {
      records.addAndGet(-batch.records().size());
      bytes.addAndGet(-batch.bytes());
      if (batch.epoch() == epoch) {
        taken.addAll(batch.records());
      }
    }
    return taken;
  }

  boolean isEmpty() {
    return records.get() <= 0;
  }

  boolean hasRoom() {
    return records.get() < ROOM && bytes.get() < ROOM_BYTES;
  }
}
