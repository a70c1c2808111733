package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.testkit.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import run.endive.runtime.Memory;
import run.endive.wasm.WasmEngineException;

/// Memories over snapshots that share used granules, each compared with an array of its own: by
/// every width that instructions have, by fill, copy and grow, at the edges of granules and pages.
class SnapshotMemoryFuzzTest {
  private static final int GRANULE = SnapshotMemory.GRANULE;
  private static final int MAX_PAGES = 6;
  private static final int GUESTS = 4;
  private static final int STEPS = Seeds.SOAK ? 5_000_000 : 120_000;
  private static final String TRAP = "trap";

  /// What a memory is to be, in the plainest form.
  private static final class Model {
    private ByteBuffer bytes;

    Model(byte[] bytes) {
      this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    byte[] content() {
      return bytes.array().clone();
    }

    boolean has(int address, int length) {
      return length >= 0 && Integer.toUnsignedLong(address) + length <= bytes.capacity();
    }

    long number(int address, int width) {
      return switch (width) {
        case 1 -> bytes.get(address);
        case 2 -> bytes.getShort(address);
        case 4 -> bytes.getInt(address);
        default -> bytes.getLong(address);
      };
    }

    void put(int address, int width, long value) {
      switch (width) {
        case 1 -> bytes.put(address, (byte) value);
        case 2 -> bytes.putShort(address, (short) value);
        case 4 -> bytes.putInt(address, (int) value);
        default -> bytes.putLong(address, value);
      }
    }

    int grow(int more) {
      int pages = bytes.capacity() / Memory.PAGE_SIZE;
      if (more < 0 || more > MAX_PAGES - pages) {
        return -1;
      }
      bytes =
          ByteBuffer.wrap(Arrays.copyOf(bytes.array(), (pages + more) * Memory.PAGE_SIZE))
              .order(ByteOrder.LITTLE_ENDIAN);
      return pages;
    }
  }

  /// A memory and what it is to be.
  private record Guest(SnapshotMemory memory, Model model) {}

  /// What was frozen, and what it is to stay.
  private record Frozen(MemorySnapshot snapshot, byte[] content) {}

  /// One operation with what chance has given it.
  private record Step(int kind, int a, int b, int length, long value, byte[] data) {
    private static final int KINDS = 26;

    static Step of(Random random) {
      int length =
          random.nextInt(12) == 0 ? random.nextInt(5 * GRANULE) - GRANULE : random.nextInt(40);
      byte[] data = new byte[Math.max(0, length)];
      random.nextBytes(data);
      return new Step(
          random.nextInt(KINDS), address(random), address(random), length, random.nextLong(), data);
    }

    private static int address(Random random) {
      int edge = random.nextInt(MAX_PAGES * SnapshotMemory.PER_PAGE + 1) * GRANULE;
      return switch (random.nextInt(10)) {
        case 0, 1 -> random.nextInt(MAX_PAGES * Memory.PAGE_SIZE);
        case 2 -> -random.nextInt(100) - 1;
        case 3 -> Integer.MAX_VALUE - random.nextInt(10);
        case 4 -> edge;
        default -> Math.max(0, edge + random.nextInt(21) - 10);
      };
    }

    /// How many bytes it reads or writes at its address.
    private int width() {
      return switch (kind) {
        case 0, 6, 7, 8 -> 1;
        case 1, 9, 10, 11 -> 2;
        case 2, 4, 12, 13, 14, 17, 18 -> 4;
        default -> 8;
      };
    }

    String on(SnapshotMemory memory) {
      try {
        return done(memory);
      } catch (WasmEngineException e) {
        return TRAP;
      }
    }

    private String done(SnapshotMemory memory) {
      switch (kind) {
        case 0 -> memory.writeByte(a, (byte) value);
        case 1 -> memory.writeShort(a, (short) value);
        case 2 -> memory.writeI32(a, (int) value);
        case 3 -> memory.writeLong(a, value);
        case 4 -> memory.writeF32(a, Float.intBitsToFloat((int) value));
        case 5 -> memory.writeF64(a, Double.longBitsToDouble(value));
        case 21 -> memory.write(a, data, 0, length);
        case 22 -> memory.fill((byte) value, a, a + length);
        case 23 -> memory.copy(a, b, length);
        case 24 -> {
          return HexFormat.of().formatHex(memory.readBytes(a, length));
        }
        case 25 -> {
          return Integer.toString(memory.grow(pages()));
        }
        default -> {
          return Long.toString(number(memory));
        }
      }
      return "";
    }

    private long number(SnapshotMemory memory) {
      return switch (kind) {
        case 6 -> memory.read(a);
        case 7 -> memory.readI8(a);
        case 8 -> memory.readU8(a);
        case 9 -> memory.readShort(a);
        case 10 -> memory.readI16(a);
        case 11 -> memory.readU16(a);
        case 12 -> memory.readInt(a);
        case 13 -> memory.readI32(a);
        case 14 -> memory.readU32(a);
        case 15 -> memory.readLong(a);
        case 16 -> memory.readI64(a);
        case 17 -> memory.readF32(a);
        case 18 -> Float.floatToRawIntBits(memory.readFloat(a));
        case 19 -> memory.readF64(a);
        case 20 -> Double.doubleToRawLongBits(memory.readDouble(a));
        default -> throw new IllegalStateException("kind " + kind);
      };
    }

    /// Rarely enough that memories do not all have their maximum at once.
    private int pages() {
      return switch ((int) (value >>> 58)) {
        case 0 -> 1;
        case 1 -> 2;
        case 2 -> -1;
        case 3 -> Integer.MAX_VALUE;
        default -> 0;
      };
    }

    String on(Model model) {
      if (kind == 25) {
        return Integer.toString(model.grow(pages()));
      }
      int reached = kind > 20 ? length : width();
      if (!model.has(a, reached) || kind == 23 && !model.has(b, length)) {
        return TRAP;
      }
      byte[] array = model.bytes.array();
      switch (kind) {
        case 0, 1, 2, 3, 4, 5 -> model.put(a, width(), value);
        case 21 -> System.arraycopy(data, 0, array, a, length);
        case 22 -> Arrays.fill(array, a, a + length, (byte) value);
        case 23 -> System.arraycopy(array, b, array, a, length);
        case 24 -> {
          return HexFormat.of().formatHex(array, a, a + length);
        }
        case 8 -> {
          return Long.toString(model.number(a, 1) & 0xFF);
        }
        case 11 -> {
          return Long.toString(model.number(a, 2) & 0xFFFF);
        }
        case 14 -> {
          return Long.toString(model.number(a, 4) & 0xFFFF_FFFFL);
        }
        default -> {
          return Long.toString(model.number(a, width()));
        }
      }
      return "";
    }
  }

  static Stream<Long> seeds() {
    return Stream.concat(Stream.of(20261123L), Seeds.ofRun().stream());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldBeWhatAnArrayIs(long seed) {
    Seeds.print(getClass().getSimpleName(), seed);
    Random random = new Random(seed);
    var spare = new ArrayDeque<byte[]>();
    List<Guest> guests = new ArrayList<>();
    List<Frozen> frozen = new ArrayList<>();
    guests.add(
        new Guest(SnapshotMemory.empty(2, MAX_PAGES), new Model(new byte[2 * Memory.PAGE_SIZE])));

    for (int i = 0; i < STEPS; i++) {
      int which = random.nextInt(guests.size());
      Guest guest = guests.get(which);
      int turn = random.nextInt(1_000);
      if (turn < 5 || guests.size() < GUESTS && turn < 50) {
        Frozen from =
            frozen.isEmpty() ? add(frozen, guest) : frozen.get(random.nextInt(frozen.size()));
        if (guests.size() == GUESTS) {
          guest.memory().recycle(random.nextInt(30));
          guests.remove(which);
        }
        guests.add(
            new Guest(
                SnapshotMemory.of(from.snapshot(), MAX_PAGES, spare),
                new Model(from.content().clone())));
      } else if (turn < 60) {
        if (frozen.size() == GUESTS) {
          assertKept(frozen.remove(random.nextInt(GUESTS)), seed);
        }
        add(frozen, guest);
      } else {
        Step step = Step.of(random);
        assertThat(step.on(guest.memory()))
            .as("seed %d, %d: %s of guest %d", seed, i, step, which)
            .isEqualTo(step.on(guest.model()));
      }
    }
    frozen.forEach(one -> assertKept(one, seed));
    for (Guest guest : guests) {
      assertThat(guest.memory().readBytes(0, guest.memory().pages() * Memory.PAGE_SIZE))
          .as("seed %d", seed)
          .isEqualTo(guest.model().content());
    }
  }

  private static Frozen add(List<Frozen> frozen, Guest guest) {
    var made = new Frozen(guest.memory().freeze(0), guest.model().content());
    frozen.add(made);
    return made;
  }

  private static void assertKept(Frozen frozen, long seed) {
    var memory = SnapshotMemory.of(frozen.snapshot(), MAX_PAGES, new ArrayDeque<>());
    assertThat(memory.readBytes(0, memory.pages() * Memory.PAGE_SIZE))
        .as("snapshot, seed %d", seed)
        .isEqualTo(frozen.content());
  }
}
