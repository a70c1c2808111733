package dev.nexus.executor.wasm;

import static dev.nexus.executor.wasm.WasmWriter.DROP;
import static dev.nexus.executor.wasm.WasmWriter.END;
import static dev.nexus.executor.wasm.WasmWriter.bytes;
import static dev.nexus.executor.wasm.WasmWriter.call;
import static dev.nexus.executor.wasm.WasmWriter.i32;
import static dev.nexus.executor.wasm.WasmWriter.parts;
import static dev.nexus.executor.wasm.WasmWriter.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.wasm.Evaluation.Ending;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import run.endive.runtime.Memory;

/// Whatever a call of a module did, the next one begins with the same memory, globals and tables.
class ModuleIsolationTest {
  private static final int PAGES = CodeLimits.DEFAULT.memoryBytes() / Memory.PAGE_SIZE;
  private static final int ROUNDS = Integer.getInteger("nexus.isolation.rounds", 200);
  private static final long SEED = Long.getLong("nexus.seed", 20261122);
  private static final Duration PATIENT = Duration.ofSeconds(30);

  /// What a call does by the first character of its input, behind having changed all that it can.
  private static final char PROBE = '0';

  private static final char TRAP = '1';
  private static final char LOOP = '2';
  private static final char RECURSION = '3';
  private static final char GROW = '4';
  private static final char EXIT = '5';
  private static final String HOSTILE = "12345";

  /// Functions behind the two that are imported.
  private static final int CALLS_ITSELF = 2;

  private static final int START = 3;

  private static final int SEEN = 2048;

  private static byte[] when(char way, Object... then) {
    // the first octet of the input
    return bytes(i32(1024), 0x2d, 0, 0, i32(way), 0x46, 0x04, 0x40, bytes(then), END);
  }

  private static Command victim() {
    var writer = new WasmWriter();
    int read = writer.wasi("fd_read", 4);
    int exit = writer.exit();
    byte[] grow = bytes(0x03, 0x40, i32(1), 0x40, 0, i32(-1), 0x47, 0x0d, 0, END);
    writer
        .section(4, bytes(0x70, 0, 1))
        .section(6, bytes(0x7f, 1, i32(42), END))
        .section(9, bytes(0, i32(0), END, 1, START))
        .data(4096, "as it was")
        .function(call(CALLS_ITSELF))
        .function(
            store(0, i32(1024)),
            store(4, i32(8)),
            parts(read, 0),
            // what its global is, how large its table and its memory are, whether that has no entry
            store(SEEN, bytes(0x23, 0)),
            store(SEEN + 4, bytes(0xfc, 16, 0)),
            store(SEEN + 8, bytes(0x3f, 0)),
            store(SEEN + 12, bytes(i32(0), 0x25, 0, 0xd1)),
            // and all of it is changed
            bytes(i32(7), 0x24, 0),
            bytes(i32(0), 0xd0, 0x70, 0x26, 0),
            bytes(0xd0, 0x70, i32(5), 0xfc, 15, 0, DROP),
            bytes(i32(1), 0x40, 0, DROP),
            bytes(i32(4096), i32(0x5a), i32(60_000), 0xfc, 11, 0),
            when(TRAP, 0x00),
            when(LOOP, 0x03, 0x40, 0x0c, 0, END),
            when(RECURSION, call(CALLS_ITSELF)),
            when(GROW, grow, 0x00),
            when(EXIT, i32(3), call(exit)));
    return Command.of(writer.module());
  }

  /// One call after the other with the granules of those before, as a thread has them.
  private static final class Bench {
    private final Command victim = victim();
    private final ArrayDeque<byte[]> spare = new ArrayDeque<>();

    private record Called(Ending ending, SnapshotMemory memory) {}

    private Called call(char way, Duration time) throws InterruptedException {
      var memory = SnapshotMemory.of(victim.memory(), PAGES, spare);
      byte[] input = String.valueOf(way).getBytes(StandardCharsets.US_ASCII);
      var wasi = new CommandWasi(input, 1000, memory, HostCalls.NONE);
      return new Called(Evaluation.within(time, _ -> victim.run(wasi, memory)), memory);
    }

    Ending hostile(char way, Duration time) throws InterruptedException {
      Called called = call(way, time);
      called.memory().recycle(Guest.GRANULES_KEPT);
      return called.ending();
    }

    /// What a call found and left, byte by byte.
    MemorySnapshot probed() throws InterruptedException {
      Called called = call(PROBE, PATIENT);
      assertThat(called.ending()).isInstanceOf(Ending.Whole.class);
      return called.memory().freeze(0);
    }
  }

  @Test
  void shouldLeaveNothingBehind() throws Exception {
    // Given
    Random random = new Random(SEED);
    var bench = new Bench();
    String begins = IsolationTest.hash(bench.victim.memory());
    String called = IsolationTest.hash(bench.probed());
    Set<Character> trapped = new HashSet<>();
    Set<Character> late = new HashSet<>();

    // When calls end, fail, and are cut off at any point
    for (int round = 0; round < ROUNDS; round++) {
      char way = HOSTILE.charAt(random.nextInt(HOSTILE.length()));
      switch (bench.hostile(way, Duration.ofNanos(20_000 + random.nextInt(20_000_000)))) {
        case Ending.Trapped _ -> trapped.add(way);
        case Ending.Late _ -> late.add(way);
        case Ending.Whole _ -> throw new AssertionError(way + " ended well");
      }

      // Then
      assertThat(IsolationTest.hash(bench.victim.memory()))
          .as("seed %d, round %d, %s", SEED, round, way)
          .isEqualTo(begins);
      assertThat(IsolationTest.hash(bench.probed()))
          .as("seed %d, round %d, %s", SEED, round, way)
          .isEqualTo(called);
    }
    assertThat(trapped).contains(TRAP, RECURSION, GROW, EXIT);
    assertThat(late).contains(LOOP);
  }

  /// Or the test would compare what is always the same.
  @Test
  void shouldSeeWhatACallFindsOfItsState() throws Exception {
    MemorySnapshot seen = new Bench().probed();

    var memory = SnapshotMemory.of(seen, PAGES, new ArrayDeque<>());
    assertThat(seen.pages()).isEqualTo(3);
    assertThat(memory.readInt(SEEN)).isEqualTo(42);
    assertThat(memory.readInt(SEEN + 4)).isEqualTo(1);
    assertThat(memory.readInt(SEEN + 8)).isEqualTo(2);
    assertThat(memory.readInt(SEEN + 12)).isZero();
    assertThat(memory.read(4096)).isEqualTo((byte) 0x5a);
  }
}
