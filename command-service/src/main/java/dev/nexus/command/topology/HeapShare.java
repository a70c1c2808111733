package dev.nexus.command.topology;

import java.util.concurrent.atomic.AtomicInteger;

/// What the partitions of one process may hold of executions in the heap, in equal parts: who takes
/// over what another one had holds less of each, and none of them knows how many there are.
class HeapShare {
  /// A part of the heap that leaves room for the records under way, the catalog and the rest of the
  /// process, which may be all of the platform.
  private static final int PART = 4;

  /// More makes no partition faster: the shelf gives an execution back in microseconds.
  private static final long MOST_EACH = 32 << 20;

  private final long bytes;
  private final AtomicInteger partitions = new AtomicInteger();

  /// @param bytes of all of them
  HeapShare(long bytes) {
    this.bytes = bytes;
  }

  static HeapShare ofThisProcess() {
    return new HeapShare(Runtime.getRuntime().maxMemory() / PART);
  }

  /// One more holds something, until it leaves.
  void join() {
    partitions.incrementAndGet();
  }

  void leave() {
    partitions.decrementAndGet();
  }

  /// Bytes that each of them may hold now.
  long each() {
    return Math.min(MOST_EACH, bytes / Math.max(1, partitions.get()));
  }
}
