package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.Memory;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.MemoryLimits;

/// Compared with the runtime's own memory, operation by operation.
class SnapshotMemoryTest {
  private static final int GRANULE = SnapshotMemory.GRANULE;
  private static final int MAX_PAGES = 6;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261120})
  void shouldBehaveAsTheRuntimesMemory(long seed) {
    Random random = new Random(seed);
    Memory expected = new ByteArrayMemory(new MemoryLimits(2, MAX_PAGES));
    Memory actual = SnapshotMemory.empty(2, MAX_PAGES);

    for (int i = 0; i < 60_000; i++) {
      int operation = random.nextInt(16);
      int a = address(random);
      int b = address(random);
      int n = random.nextInt(10) == 0 ? random.nextInt(3 * GRANULE) : random.nextInt(40);
      long value = random.nextLong();
      assertThat(apply(actual, operation, a, b, n, value))
          .as("seed %d step %d operation %d at %d, %d, %d", seed, i, operation, a, b, n)
          .isEqualTo(apply(expected, operation, a, b, n, value));
    }
    int bytes = expected.pages() * Memory.PAGE_SIZE;
    assertThat(actual.readBytes(0, bytes)).isEqualTo(expected.readBytes(0, bytes));
  }

  private static int address(Random random) {
    int edge = random.nextInt(MAX_PAGES * SnapshotMemory.PER_PAGE + 1) * GRANULE;
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(MAX_PAGES * Memory.PAGE_SIZE);
      case 1 -> -random.nextInt(100) - 1;
      case 2 -> Integer.MAX_VALUE - random.nextInt(10);
      default -> Math.max(0, edge + random.nextInt(17) - 8);
    };
  }

  private static Object apply(Memory memory, int operation, int a, int b, int n, long value) {
    try {
      switch (operation) {
        case 0 -> memory.writeByte(a, (byte) value);
        case 1 -> memory.writeShort(a, (short) value);
        case 2 -> memory.writeI32(a, (int) value);
        case 3 -> memory.writeLong(a, value);
        case 4 -> memory.writeF32(a, Float.intBitsToFloat((int) value & 0x7F7FFFFF));
        case 5 -> memory.writeF64(a, (double) value);
        case 6 -> {
          return memory.read(a);
        }
        case 7 -> {
          return memory.readShort(a);
        }
        case 8 -> {
          return memory.readInt(a);
        }
        case 9 -> {
          return memory.readLong(a);
        }
        case 10 -> {
          return memory.readU16(a);
        }
        case 11 -> {
          return java.util.HexFormat.of().formatHex(memory.readBytes(a, n));
        }
        case 12 -> memory.write(a, new byte[n], 0, n);
        case 13 -> {
          if (a >= 0 && a < 1 << 29) {
            memory.fill((byte) value, a, a + n);
          }
        }
        case 14 -> {
          if (a >= 0 && b >= 0) {
            memory.copy(a, b, n);
          }
        }
        default -> {
          return n == 0 ? memory.grow(1) : memory.pages();
        }
      }
      return "done";
    } catch (WasmEngineException e) {
      return "trap";
    }
  }

  @Test
  void shouldNotWriteIntoItsSnapshot() {
    SnapshotMemory origin = SnapshotMemory.empty(1, 4);
    origin.writeI32(100, 7);
    MemorySnapshot snapshot = origin.freeze(0);

    SnapshotMemory first = SnapshotMemory.of(snapshot, 4, new ArrayDeque<>());
    first.writeI32(100, 8);
    first.grow(2);
    origin.writeI32(100, 9);

    SnapshotMemory second = SnapshotMemory.of(snapshot, 4, new ArrayDeque<>());
    assertThat(second.readInt(100)).isEqualTo(7);
    assertThat(second.pages()).isEqualTo(1);
  }

  @Test
  void shouldShowNothingOfThePreviousUserInRecycledGranules() {
    SnapshotMemory origin = SnapshotMemory.empty(1, 4);
    MemorySnapshot snapshot = origin.freeze(0);
    var spare = new ArrayDeque<byte[]>();
    SnapshotMemory first = SnapshotMemory.of(snapshot, 4, spare);
    first.fill((byte) 0x55, 0, Memory.PAGE_SIZE);
    first.recycle(64);

    SnapshotMemory second = SnapshotMemory.of(snapshot, 4, spare);
    second.grow(1);
    second.writeByte(5, (byte) 1);
    second.writeByte(Memory.PAGE_SIZE + 5, (byte) 1);

    byte[] expected = new byte[2 * Memory.PAGE_SIZE];
    expected[5] = 1;
    expected[Memory.PAGE_SIZE + 5] = 1;
    assertThat(second.readBytes(0, expected.length)).isEqualTo(expected);
  }
}
