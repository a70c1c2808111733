package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Code that means harm gets nothing but a failure of its own call.
class HostileCodeTest {
  private static final QuickJsRunner RUNNER = new QuickJsRunner().warm();
  private static final CodeLimits SHORT = new CodeLimits(Duration.ofMillis(150), 64 << 20, 10_000);
  private static final CodeLimits LONG = new CodeLimits(Duration.ofSeconds(20), 64 << 20, 10_000);

  private static CodeOutcome run(String source, CodeLimits limits) {
    try {
      return RUNNER.run(source, new Json("{\"a\":1}"), limits);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertOthersAreUnharmed() {
    assertThat(
            run(
                "function handle(i) { return [i, [3,1,2].sort().map(x => x), typeof evil]; }",
                LONG))
        .isEqualTo(new Result(new Json("[{\"a\":1},[1,2,3],\"undefined\"]")));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "function handle(i) { for (;;); }",
        "function handle(i) { try { for (;;); } catch (e) {} finally { for (;;); } }",
        "function handle(i) { return /^(a+)+$/.test('a'.repeat(50) + 'b'); }",
        "function handle(i) { throw { toString() { for (;;); } }; }",
        "async function handle(i) { for (;;) await null; }",
        "for (;;); function handle(i) {}",
        "function handle(i) { for (;;) console.log('x'.repeat(1000)); }",
      })
  void shouldStopEndlessCode(String source) {
    var outcome = run(source, SHORT);

    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.TIMEOUT);
    assertOthersAreUnharmed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "function handle(i) { return new Uint8Array(1 << 30).length; }",
        "function handle(i) { let s = 'x'; for (;;) s += s; }",
        "function handle(i) { const a = []; for (;;) a.push(new Array(100000).fill(a)); }",
      })
  void shouldBoundMemory(String source) {
    var outcome = run(source, LONG);

    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isIn(FailureClass.MEMORY, FailureClass.CRASH);
    assertOthersAreUnharmed();
  }

  @Test
  void shouldNameMemoryAsTheReason() {
    var outcome = run("function handle(i) { return new Uint8Array(1 << 30).length; }", LONG);

    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.MEMORY);
  }

  @Test
  void shouldBoundOutput() {
    assertThat(run("function handle(i) { return 'x'.repeat(20000); }", LONG))
        .isEqualTo(
            new Failure(FailureClass.OUTPUT, "at most 10000 bytes expected, found 20002 bytes"));
  }

  @Test
  void shouldBoundRecursion() {
    var outcome = run("function handle(i) { const f = () => f() + 1; return f(); }", LONG);

    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.CRASH);
    assertOthersAreUnharmed();
  }

  @Test
  void shouldNotLetCodeSurviveItsRecursion() {
    var outcome = run("function handle(i) { try { handle(i) } catch (e) {} for (;;); }", SHORT);

    assertThat(((Failure) outcome).failure()).isIn(FailureClass.CRASH, FailureClass.TIMEOUT);
    assertOthersAreUnharmed();
  }

  @Test
  void shouldBoundErrorTexts() {
    var outcome = run("function handle(i) { throw new Error('x'.repeat(1000000)); }", LONG);

    assertThat(((Failure) outcome).detail()).hasSizeLessThan(3000);
  }

  @Test
  void shouldKeepNoStateBetweenCallsOfOneScript() {
    String counting =
        "let m = 0; globalThis.n = 0; const seen = new Map(); class C { static #p = 0;"
            + " static next() { return ++C.#p; } }\n"
            + "function handle(i) { seen.set(seen.size, 1);"
            + " return [++m, ++globalThis.n, seen.size, C.next()]; }";

    for (int call = 0; call < 5; call++) {
      assertThat(run(counting, LONG)).isEqualTo(new Result(new Json("[1,1,1,1]")));
    }
  }

  @Test
  void shouldForgetPollutedPrototypes() {
    List<String> poisons =
        List.of(
            "Object.prototype.evil = 1",
            "Array.prototype.map = () => 'evil'",
            "Array.prototype.sort = null",
            "JSON.stringify = () => '\"evil\"'",
            "JSON.parse = () => 'evil'",
            "globalThis.evil = 1",
            "Object.freeze(globalThis)",
            "globalThis.deopt = undefined",
            "Promise.prototype.then = undefined",
            "handle = () => 'evil'");
    for (String poison : poisons) {
      String source =
          "function handle(i) { if (Array.isArray(i.a)) return 'polluted';"
              + " const clean = typeof evil === 'undefined' && ({}).evil === undefined"
              + " && [1].map(x => x)[0] === 1 && typeof [].sort === 'function'"
              + " && JSON.parse('1') === 1; try { "
              + poison
              + " } catch (e) {} return clean; }";

      run(source, LONG);
      CodeOutcome second = run(source, LONG);

      assertThat(second)
          .as(poison)
          .satisfiesAnyOf(
              o -> assertThat(o).isEqualTo(new Result(new Json("true"))),
              o -> assertThat(poison).contains("JSON.stringify"));
      assertOthersAreUnharmed();
    }
  }

  @Test
  void shouldServeGoodCallsAmongInterruptedOnes() {
    Random random = new Random(20261120);
    String good = "function handle(i) { return i.a + 1; }";
    for (int round = 0; round < 60; round++) {
      var limits =
          new CodeLimits(Duration.ofNanos(100_000 + random.nextInt(2_000_000)), 64 << 20, 1000);
      run("const big = []; function handle(i) { for (;;) big.push({x: big.length}); }", limits);
      assertThat(run(good, LONG)).isEqualTo(new Result(new Json("2")));
    }
  }
}
