package dev.nexus.command.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Truths;
import dev.nexus.testkit.Eventually;
import java.io.File;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What shelves hold outside of the heap of their process.
class ShelfMemoryTest {
  private static final int PARTITIONS = 24;

  /// Of each partition, which is less than it may hold while it is alone.
  private static final int MEBIBYTES = 6;

  private static final long SEED = 20261122;

  @TempDir Path directory;

  @Test
  void shouldHoldNoMoreForManyPartitionsThanForOne() {
    // Given
    List<ExecutionShelf> shelves = new ArrayList<>();
    try {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        shelves.add(new ExecutionShelf(directory.resolve(Integer.toString(partition))));
      }

      // When more is written than all of them may hold together
      Random random = new Random(SEED);
      for (int written = 0; written < MEBIBYTES; written++) {
        for (ExecutionShelf shelf : shelves) {
          byte[] fact = new byte[1 << 20];
          random.nextBytes(fact);
          var facts = new Shelved.Facts(1, Truths.NONE, List.of(fact));
          String key = "t/" + written;
          shelf.write(
              change -> change.putFinished(key, facts, Instant.EPOCH),
              ExecutionShelf.Checkpoint.NONE);
        }
      }

      // Then what is beyond that is on disk
      Eventually.holds(
          () ->
              assertThat(onDisk())
                  .isGreaterThan(((long) PARTITIONS * MEBIBYTES << 20) - (80L << 20)));
    } finally {
      shelves.forEach(ExecutionShelf::close);
    }
  }

  private long onDisk() {
    return IntStream.range(0, PARTITIONS)
        .mapToObj(partition -> directory.resolve(Integer.toString(partition)).toFile())
        .flatMap(shelf -> Stream.ofNullable(shelf.listFiles((_, name) -> name.endsWith(".sst"))))
        .flatMap(Stream::of)
        .mapToLong(File::length)
        .sum();
  }
}
