package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.pool.Alarm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import run.endive.runtime.Memory;
import run.endive.wasm.WasmEngineException;

/// Whatever a call did, the next one begins and ends with the same bytes: the whole memory, its
/// size and the stack pointer are compared, not only what a script says.
class IsolationTest {
  private static final int PAGES = CodeLimits.DEFAULT.memoryBytes() / Memory.PAGE_SIZE;
  private static final int KEPT = Guest.GRANULES_KEPT;
  private static final int THREADS = 4;
  private static final int ROUNDS = Integer.getInteger("nexus.isolation.rounds", 40);
  private static final long SEED = Long.getLong("nexus.seed", 20261122);

  /// What is called before and after all others.
  private static String probe(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          "const t = {}; function handle(i) { t[i] = [3, 1, 2].sort(); return JSON.stringify(t); }";
      case PYTHON -> "t = {}\ndef handle(i):\n  t[i] = sorted([3, 1, 2])\n  return str(t)";
    };
  }

  private static List<String> abuses(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          List.of(
              "globalThis.x = 1; function handle(i) { for (;;) globalThis['k' + Math.sqrt(i++)] = [i]; }",
              "function handle(i) { Object.prototype.x = 1; JSON.parse = null; throw new Error('x'); }",
              "function handle(i) { const a = []; for (;;) a.push(new Array(1000).fill(i)); }",
              "function handle(i) { return handle(i); }",
              "async function handle(i) { for (;;) await null; }",
              "function handle(i) { for (;;) [3, 2, 1].sort(() => 1); }",
              "function handle(i) { return new Uint8Array(1 << 30); }",
              "function handle(i) { return i; }");
      case PYTHON ->
          List.of(
              "def handle(i):\n  while True: globals()['k' + str(i)] = i; i += 1",
              "import builtins\ndef handle(i):\n  builtins.len = None\n  raise ValueError(i)",
              "def handle(i):\n  a = []\n  while True: a.append([i] * 1000)",
              "def handle(i): return handle(i)",
              "import os\ndef handle(i): os.abort()",
              "def handle(i): return bytearray(1 << 30)",
              "def handle(i): return i");
    };
  }

  private record Bench(Engine.Started started, ArrayDeque<byte[]> spare) {
    /// What its guest is after a call, and gives its granules back.
    void call(MemorySnapshot snapshot, Duration time) {
      Guest guest = started.guest(snapshot, PAGES, spare);
      evaluate(time, guest::call);
      guest.recycle(KEPT);
    }

    MemorySnapshot loaded(String source) {
      Guest guest = started.guest(started.snapshot(), PAGES, new ArrayDeque<>());
      evaluate(Duration.ofSeconds(30), () -> guest.load(source));
      return guest.freeze();
    }

    String after(MemorySnapshot snapshot) {
      Guest guest = started.guest(snapshot, PAGES, spare);
      evaluate(Duration.ofSeconds(30), guest::call);
      return hash(guest.freeze());
    }

    private static void evaluate(Duration time, Runnable what) {
      Alarm alarm = Alarm.after(time);
      try {
        ScopedValue.where(GuestCall.CURRENT, new GuestCall(new byte[] {'7'}, 1000, Long.MAX_VALUE))
            .run(what);
      } catch (WasmEngineException | StackOverflowError e) {
        // what the abuse came to
      } finally {
        alarm.end();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldLeaveNothingBehind(Language language) {
    // Given
    Random random = new Random(SEED);
    var bench = new Bench(Runs.CODE.warm(language).started(language), new ArrayDeque<>());
    MemorySnapshot probe = bench.loaded(probe(language));
    List<MemorySnapshot> abuses = abuses(language).stream().map(bench::loaded).toList();
    String engine = hash(bench.started().snapshot());
    String loaded = hash(probe);
    String called = bench.after(probe);
    List<String> before = abuses.stream().map(IsolationTest::hash).toList();

    // When calls end, fail, and are cut off at any point
    for (int round = 0; round < ROUNDS; round++) {
      int which = random.nextInt(abuses.size());
      bench.call(abuses.get(which), Duration.ofNanos(20_000 + random.nextInt(20_000_000)));

      // Then
      assertThat(bench.after(probe)).as("seed %d, round %d", SEED, round).isEqualTo(called);
    }
    assertThat(hash(bench.started().snapshot())).isEqualTo(engine);
    assertThat(hash(probe)).isEqualTo(loaded);
    assertThat(abuses.stream().map(IsolationTest::hash).toList()).isEqualTo(before);
  }

  /// All have the snapshots and the table of functions in common, and none anything else.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldLeaveNothingBehindForOthersAtTheSameTime(Language language) throws Exception {
    // Given
    Engine.Started started = Runs.CODE.warm(language).started(language);
    var first = new Bench(started, new ArrayDeque<>());
    MemorySnapshot probe = first.loaded(probe(language));
    List<MemorySnapshot> abuses = abuses(language).stream().map(first::loaded).toList();
    String called = first.after(probe);

    // When calls of some threads end, fail, and are cut off at any point
    List<Future<?>> threads = new ArrayList<>();
    try (var pool = Executors.newFixedThreadPool(THREADS)) {
      for (int thread = 0; thread < THREADS; thread++) {
        Random random = new Random(SEED + thread);
        threads.add(
            pool.submit(
                () -> {
                  var own = new Bench(started, new ArrayDeque<>());
                  for (int round = 0; round < ROUNDS / THREADS; round++) {
                    own.call(
                        abuses.get(random.nextInt(abuses.size())),
                        Duration.ofNanos(20_000 + random.nextInt(20_000_000)));
                    // Then
                    assertThat(own.after(probe))
                        .as("seed %d, round %d", SEED, round)
                        .isEqualTo(called);
                  }
                  return null;
                }));
      }
      for (Future<?> thread : threads) {
        thread.get();
      }
    }
    assertThat(first.after(probe)).isEqualTo(called);
  }

  /// Used granules are what a thread's calls have in common, whoever they are for.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldShowNobodyWhatIsInUsedGranules(Language language) {
    // Given granules full of what a call left, more than the next one takes
    var spare = new ArrayDeque<byte[]>();
    var bench = new Bench(Runs.CODE.warm(language).started(language), spare);
    MemorySnapshot probe = bench.loaded(probe(language));
    String clean = bench.after(probe);
    spare.clear();
    for (int i = 0; i < KEPT; i++) {
      byte[] left = new byte[SnapshotMemory.GRANULE];
      Arrays.fill(left, (byte) 0x5A);
      spare.push(left);
    }

    // When
    String called = bench.after(probe);

    // Then
    assertThat(spare).hasSizeLessThan(KEPT);
    assertThat(called).isEqualTo(clean);
    assertThat(SnapshotMemory.ZERO).containsOnly(0);
  }

  static String hash(MemorySnapshot snapshot) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(
          ByteBuffer.allocate(12).putInt(snapshot.pages()).putLong(snapshot.stackPointer()).flip());
      for (byte[] granule : snapshot.granules()) {
        digest.update(granule);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
