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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Python that means harm gets nothing but a failure of its own call.
class HostilePythonTest {
  private static final CodeLimits LONG = new CodeLimits(Duration.ofSeconds(30), 64 << 20, 10_000);
  private static final String PROBE =
      """
      import json
      def handle(i):
          return [i, sorted([3, 1, 2]), 'evil' in globals(), hasattr(json, 'evil'), len('abc')]
      """;

  private static CodeOutcome run(String source, CodeLimits limits) {
    return Runs.python(source, new Json("{\"a\":1}"), limits);
  }

  @BeforeAll
  static void loadsBeforeItIsInAHurry() {
    run(PROBE, LONG);
  }

  private static void assertOthersAreUnharmed() {
    assertThat(run(PROBE, LONG))
        .isEqualTo(new Result(new Json("[{\"a\":1},[1,2,3],false,false,3]")));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void shouldBoundOutput() {
    assertThat(run("def handle(i): return 'x' * 20000", LONG))
        .isEqualTo(
            new Failure(FailureClass.OUTPUT, "at most 10000 bytes expected, found 20002 bytes"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "def handle(i): return handle(i)",
        "def handle(i): return __import__('json').loads('[' * 200000)",
        "def handle(i):\n  a = []\n  for _ in range(100000): a = [a]\n  return a",
        "def handle(i):\n  import sys\n  sys.setrecursionlimit(10 ** 9)\n  return handle(i)",
      })
  void shouldBoundRecursion(String source) {
    var outcome = run(source, LONG);

    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isIn(FailureClass.CRASH, FailureClass.MEMORY);
    assertOthersAreUnharmed();
  }

  @Test
  void shouldBoundErrorTexts() {
    var outcome = run("def handle(i): raise ValueError('x' * 1000000)", LONG);

    assertThat(((Failure) outcome).detail()).hasSizeLessThan(3000);
  }

  @Test
  void shouldKeepNoStateBetweenCallsOfOneScript() {
    String counting =
        """
        import collections, random
        n = 0
        seen = collections.Counter()
        def handle(i, kept=[]):
            global n
            n += 1
            seen['x'] += 1
            kept.append(1)
            collections.n = getattr(collections, 'n', 0) + 1
            return [n, seen['x'], len(kept), collections.n]
        """;

    for (int call = 0; call < 5; call++) {
      assertThat(run(counting, LONG)).isEqualTo(new Result(new Json("[1,1,1,1]")));
    }
  }

  @Test
  void shouldForgetWhatWasPoisoned() {
    List<String> poisons =
        List.of(
            "builtins.len = lambda _: 7",
            "builtins.sorted = None",
            "json.evil = 1",
            "json.loads = lambda _: 'evil'",
            "json.JSONEncoder.encode = lambda *_: '\"evil\"'",
            "sys.modules['json'] = None",
            "sys.modules['guest'].run = None",
            "sys.modules['guest']._handle = lambda _: 'evil'",
            "sys.stdout = None",
            "gc.disable(); gc.freeze()",
            "sys.setrecursionlimit(20)",
            "globals()['handle'] = lambda _: 'evil'");
    for (String poison : poisons) {
      String source =
          "import builtins, gc, json, sys\n"
              + "def handle(i):\n"
              + "  clean = len('abc') == 3 and sorted([2, 1]) == [1, 2] and not hasattr(json, 'evil')"
              + " and json.loads('1') == 1 and json.dumps([1]) == '[1]'\n"
              + "  "
              + poison
              + "\n  return clean\n";

      run(source, LONG);

      assertThat(run(source, LONG))
          .as(poison)
          .satisfiesAnyOf(
              o -> assertThat(o).isEqualTo(new Result(new Json("true"))),
              o -> assertThat(poison).containsAnyOf("encode", "run = None", "recursionlimit"));
      assertOthersAreUnharmed();
    }
  }
}
