package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Module;
import dev.nexus.testkit.Seeds;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Calls in process that are cut off at random, by their limit and from outside: the others are
/// answered right, and nothing stays behind. 20,000 of them, a million as a soak.
class ManyCallsTest {
  private static final int CALLS = Seeds.SOAK ? 1_000_000 : 20_000;
  private static final int CALLERS = 2;
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);
  private static final CodeLimits BRIEF = new CodeLimits(Duration.ofMillis(3), 64 << 20, 10_000);
  private static final long MOST_GROWTH = 48L << 20;

  /// Of a hundred calls, how many are of users' modules.
  private static final int MODULES = 20;

  private static final Module ECHO = WasmWriter.echo().program();
  private static final Module ENDLESS = WasmWriter.program(ModuleAbuse.LOOP.module());
  private static final List<Module> TRAPS =
      List.of(
          WasmWriter.program(ModuleAbuse.RECURSION.module()),
          WasmWriter.program(ModuleAbuse.MEMORY.module()));

  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger ofModules = new AtomicInteger();
  private final AtomicInteger trapped = new AtomicInteger();
  private final AtomicInteger late = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();

  private static String adder(Language language) {
    return language == Language.PYTHON
        ? "def handle(i): return i['n'] + 1"
        : "function handle(i) { return i.n + 1; }";
  }

  private static String endless(Language language) {
    return language == Language.PYTHON
        ? "def handle(i):\n  while True: pass"
        : "function handle(i) { for (;;); }";
  }

  @Test
  void shouldLeaveNothingBehind() throws Exception {
    // Given engines that have done all of it before
    long seed = System.nanoTime();
    calls(seed, CALLS / 20);
    long heap = heap();
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();

    // When
    calls(seed + 1, CALLS);

    // Then
    System.out.printf(
        "%d answered, %d by modules, %d trapped, %d late, %d interrupted, heap %d to %d MiB,"
            + " seed %d%n",
        answered.get(),
        ofModules.get(),
        trapped.get(),
        late.get(),
        interrupted.get(),
        heap >> 20,
        heap() >> 20,
        seed);
    assertThat(ofModules.get()).isGreaterThan(CALLS / 10);
    assertThat(trapped.get()).isPositive();
    assertThat(late.get()).isPositive();
    assertThat(interrupted.get()).isPositive();
    assertThat(heap() - heap).as("seed %d", seed).isLessThan(MOST_GROWTH);
    assertThat(ManagementFactory.getThreadMXBean().getThreadCount())
        .as("seed %d", seed)
        .isLessThanOrEqualTo(threads + 2);
  }

  /// Bytes in use behind a collection.
  private static long heap() {
    System.gc();
    Runtime jvm = Runtime.getRuntime();
    return jvm.totalMemory() - jvm.freeMemory();
  }

  private void calls(long seed, int count) throws Exception {
    try (var callers =
            Executors.newFixedThreadPool(CALLERS, Thread.ofPlatform().name("caller").factory());
        var clock = Executors.newSingleThreadScheduledExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        Random random = new Random(seed * CALLERS + caller);
        all.add(
            callers.submit(
                () -> {
                  for (int i = 0; i < count / CALLERS; i++) {
                    call(random, clock);
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private void call(Random random, ScheduledExecutorService clock) throws InterruptedException {
    int n = random.nextInt(1_000);
    Json input = new Json("{\"n\":" + n + "}");
    if (random.nextInt(100) < MODULES) {
      callModule(random, input, clock);
      return;
    }
    Language language = Language.values()[random.nextInt(Language.values().length)];
    switch (random.nextInt(100)) {
      case 0 -> {
        var outcome = Runs.CODE.run(Runs.script(language, endless(language)), input, BRIEF);
        assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.TIMEOUT);
        late.incrementAndGet();
      }
      case 1 -> {
        var script = Runs.script(language, endless(language));
        interrupt(() -> Runs.CODE.run(script, input, PATIENT), clock);
      }
      default -> {
        CodeOutcome outcome = Runs.CODE.run(Runs.script(language, adder(language)), input, PATIENT);
        assertThat(outcome).isEqualTo(new Result(new Json(Integer.toString(n + 1))));
        answered.incrementAndGet();
      }
    }
  }

  private void callModule(Random random, Json input, ScheduledExecutorService clock)
      throws InterruptedException {
    switch (random.nextInt(100)) {
      case 0 -> {
        CodeOutcome outcome = Runs.CODE.run(ENDLESS, input, BRIEF);
        assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.TIMEOUT);
        late.incrementAndGet();
      }
      case 1 -> interrupt(() -> Runs.CODE.run(ENDLESS, input, PATIENT), clock);
      case 2 -> {
        Module trap = TRAPS.get(random.nextInt(TRAPS.size()));
        assertThat(Runs.CODE.run(trap, input, PATIENT)).isInstanceOf(Failure.class);
        trapped.incrementAndGet();
      }
      default -> {
        assertThat(Runs.CODE.run(ECHO, input, PATIENT)).isEqualTo(new Result(input));
        ofModules.incrementAndGet();
      }
    }
  }

  private void interrupt(Endless call, ScheduledExecutorService clock) throws InterruptedException {
    Thread caller = Thread.currentThread();
    var bell = clock.schedule(caller::interrupt, 2, TimeUnit.MILLISECONDS);
    try {
      call.run();
      throw new AssertionError("an endless call ended");
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
    } finally {
      bell.cancel(false);
    }
  }

  /// A call that nothing ends but an interrupt.
  private interface Endless {
    CodeOutcome run() throws InterruptedException;
  }
}
