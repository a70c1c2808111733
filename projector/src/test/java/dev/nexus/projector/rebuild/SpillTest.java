package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpillTest {
  private static final int STEPS = 60_000;

  @TempDir private Path directory;

  private static byte[] bytes(Random random) {
    byte[] value = new byte[random.nextInt(200)];
    random.nextBytes(value);
    return value;
  }

  private static Map<String, String> all(Items items) {
    Map<String, String> all = new TreeMap<>();
    items.each("", (name, value) -> all.put(name, new String(value, StandardCharsets.ISO_8859_1)));
    return all;
  }

  @Test
  void shouldHoldWhatAMapWouldWithAlmostNothingInMemory() {
    // Given
    long seed = System.nanoTime();
    System.out.println("SpillTest seed " + seed);
    Random random = new Random(seed);
    try (Items expected = new HeapItems();
        SpilledItems spilled = new SpilledItems(directory, 20_000)) {
      // When
      for (int i = 0; i < STEPS; i++) {
        String name = "name\0" + random.nextInt(3_000);
        switch (random.nextInt(5)) {
          case 0 -> {
            expected.remove(name);
            spilled.remove(name);
          }
          case 1 -> assertThat(spilled.get(name)).isEqualTo(expected.get(name));
          default -> {
            byte[] value = bytes(random);
            expected.put(name, value);
            spilled.put(name, value);
          }
        }
      }
      // Then
      assertThat(all(spilled)).isEqualTo(all(expected));
      assertThat(spilled.spilledBytes()).isPositive();
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void shouldNotGrowBeyondWhatIsValid() {
    // Given
    Random random = new Random(7);
    try (SpillFile file = new SpillFile(directory, 100_000)) {
      // When
      for (int i = 0; i < STEPS; i++) {
        file.put("name" + i % 500, bytes(random));
      }
      byte[] last = bytes(random);
      file.put("name3", last);
      // Then
      assertThat(file.get("name3")).isEqualTo(last);
      assertThat(file.bytes()).isLessThan(500_000);
    }
  }

  @Test
  void shouldWriteNothingWhileEverythingFits() {
    // Given
    try (SpilledItems items = new SpilledItems(directory, 1_000_000)) {
      // When
      items.put("one", new byte[100]);
      // Then
      assertThat(items.spilledBytes()).isZero();
      assertThat(directory).isEmptyDirectory();
    }
  }
}
