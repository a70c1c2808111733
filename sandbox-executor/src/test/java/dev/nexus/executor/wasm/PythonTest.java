package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The contract of `handle(input)` in Python.
class PythonTest {
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(30), 64 << 20, 256 << 10);

  private static CodeOutcome run(String source, String input) {
    return Runs.python(source, new Json(input), PATIENT);
  }

  @Test
  void shouldReturnWhatHandleReturns() {
    var outcome =
        run(
            """
            def handle(input):
                return {'n': input['a'] + 1, 's': input['s'].upper()}
            """,
            "{\"a\":41,\"s\":\"grün €\"}");

    assertThat(outcome).isEqualTo(new Result(new Json("{\"n\":42,\"s\":\"GRÜN €\"}")));
  }

  @Test
  void shouldTakeAnyJsonAsInputAndOutput() {
    for (String json : new String[] {"null", "true", "-1.5", "\"x\"", "[]", "[1,[2]]", "{}"}) {
      assertThat(run("def handle(input):\n    return input", json))
          .isEqualTo(new Result(new Json(json)));
    }
  }

  @Test
  void shouldReportDeopt() {
    assertThat(
            run(
                """
                def handle(i):
                    if i['x'] > 1:
                        deopt(f"x is {i['x']}")
                    return 1
                """,
                "{\"x\":7}"))
        .isEqualTo(new Deopt("x is 7"));
  }

  @Test
  void shouldHaveTheModulesThatAFunctionNeeds() {
    assertThat(
            run(
                """
                import re, datetime, decimal, hashlib, statistics, random
                def handle(i):
                    return [re.sub('[aeiou]', '', 'nexus'),
                            (datetime.date(2026, 1, 31) + datetime.timedelta(days=1)).isoformat(),
                            str(decimal.Decimal('0.1') + decimal.Decimal('0.2')),
                            hashlib.sha256(b'x').hexdigest()[:8],
                            statistics.median([3, 1, 2]),
                            random.Random(7).randint(1, 6)]
                """,
                "1"))
        .isEqualTo(new Result(new Json("[\"nxs\",\"2026-02-01\",\"0.3\",\"2d711642\",2,3]")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "def handle(i): return __import__('time').time() | the clock is not available",
        "def handle(i): return str(__import__('datetime').datetime.now()) | the clock is not",
        "def handle(i): return __import__('random').random() | random.random is not available",
        "def handle(i): return __import__('os').urandom(4).hex() | chance is not available",
        "def handle(i): return str(__import__('uuid').uuid4()) | chance is not available",
      })
  void shouldNotHaveWhatWouldMakeItsOutputDependOnMore(String source, String expected) {
    var outcome = run(source, "1");

    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.PERMISSION);
    assertThat(((Failure) outcome).detail()).contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "def handle(i): return {1, 2} | Object of type set is not JSON serializable",
        "def handle(i): return float('nan') | not JSON compliant",
        "def handle(i): return {'a': [float('inf')]} | not JSON compliant",
        "def handle(i): return '\\ud800' | surrogates not allowed",
      })
  void shouldSayThatAResultIsNoJson(String source, String expected) {
    var outcome = run(source, "1");

    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.INVALID_RESULT);
    assertThat(((Failure) outcome).detail()).startsWith("handle gave no JSON: ").contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "def handle(i): raise TypeError('bad ' + str(i)) | TypeError: bad 1",
        "def handle(i): return i.a | has no attribute 'a' (function.py:1)",
        "def handle(i): return ( | '(' was never closed (function.py, line 1)",
        "x = 1 | a function handle(input) is expected",
        "raise ValueError('at load') | at load",
        "def handle(i): return __import__('socket').socket() | Not supported",
        "def handle(i): import subprocess; return subprocess.run(['ls']) | function.py:1",
        "def handle(i): return open('/etc/passwd').read() | No such file or directory",
        "def handle(i): return __import__('os').listdir('/') | No such file or directory",
        "def handle(i): raise SystemExit(3) | SystemExit: 3",
      })
  void shouldExplainWhatWentWrong(String source, String expected) {
    var outcome = run(source, "1");

    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.CRASH);
    assertThat(((Failure) outcome).detail()).contains(expected);
  }

  @Test
  void shouldSayWhereAScriptRaised() {
    var outcome = run("\n\ndef handle(i):\n    return i['a']['b']", "{\"a\":{}}");

    assertThat(((Failure) outcome).detail()).isEqualTo("KeyError: 'b' (function.py:4)");
  }
}
