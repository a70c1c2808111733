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
class HostileJavaScriptTest {
  private static final CodeLimits SHORT = new CodeLimits(Duration.ofMillis(150), 64 << 20, 10_000);
  private static final CodeLimits LONG = new CodeLimits(Duration.ofSeconds(20), 64 << 20, 10_000);

  private static CodeOutcome run(String source, CodeLimits limits) {
    return Runs.javaScript(source, new Json("{\"a\":1}"), limits);
  }

  private static void assertOthersAreUnharmed() {
    assertThat(
            run(
                "function handle(i) { return [i, [3,1,2].sort().map(x => x), typeof evil]; }",
                LONG))
        .isEqualTo(new Result(new Json("[{\"a\":1},[1,2,3],\"undefined\"]")));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void shouldBoundOutput() {
    assertThat(run("function handle(i) { return 'x'.repeat(20000); }", LONG))
        .isEqualTo(
            new Failure(FailureClass.OUTPUT, "at most 10000 bytes expected, found 20002 bytes"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "let s = 'x'; for (;;) s += s;",
        "return 'x'.repeat(2 ** 30);",
        "return 'x'.padEnd(2 ** 40);",
        "return new Array(2 ** 24).fill('x'.repeat(1000)).join('');",
      })
  void shouldTellOfMemoryWhereATextIsTooLong(String body) {
    assertThat(run("function handle(i) { " + body + " }", LONG))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.failure()).isEqualTo(FailureClass.MEMORY));
  }

  /// As the code's own words are no bound of the language's.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw new Error('string too long');",
        "throw new TypeError('invalid string length');",
        "return 'x'.repeat(-1);",
      })
  void shouldNotTellOfMemoryWhereCodeOnlySpeaksOfIt(String body) {
    assertThat(run("function handle(i) { " + body + " }", LONG))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.failure()).isEqualTo(FailureClass.CRASH));
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
