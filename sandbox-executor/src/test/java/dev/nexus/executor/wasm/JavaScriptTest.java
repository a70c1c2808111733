package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Language;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The contract of `handle(input)`.
class JavaScriptTest {

  private static CodeOutcome run(String source, String input) {
    return Runs.javaScript(source, new Json(input), CodeLimits.DEFAULT);
  }

  @Test
  void shouldReturnWhatHandleReturns() {
    var outcome =
        run(
            "function handle(input) { return {n: input.a + 1, s: input.s.toUpperCase()}; }",
            "{\"a\":41,\"s\":\"grün €\"}");

    assertThat(outcome).isEqualTo(new Result(new Json("{\"n\":42,\"s\":\"GRÜN €\"}")));
  }

  @Test
  void shouldTakeAnyJsonAsInputAndOutput() {
    for (String json : new String[] {"null", "true", "-1.5", "\"x\"", "[]", "[1,[2]]", "{}"}) {
      assertThat(run("function handle(input) { return input; }", json))
          .isEqualTo(new Result(new Json(json)));
    }
  }

  @Test
  void shouldReportDeopt() {
    assertThat(
            run("function handle(i) { if (i.x > 1) deopt('x is ' + i.x); return 1; }", "{\"x\":7}"))
        .isEqualTo(new Deopt("x is 7"));
  }

  @Test
  void shouldAwaitPromises() {
    assertThat(run("async function handle(i) { await null; return i + 1; }", "1"))
        .isEqualTo(new Result(new Json("2")));
    assertThat(run("async function handle(i) { await null; deopt('later'); }", "1"))
        .isEqualTo(new Deopt("later"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "function handle(i) { return Date.now(); } | the clock is not available",
        "function handle(i) { return new Date(); } | the clock is not available",
        "function handle(i) { return Math.random(); } | Math.random is not available",
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
      value = {
        "function handle(i) { return undefined; } | it returned undefined",
        "function handle(i) { const a = []; a.push(a); return a; } | circular",
        "function handle(i) { return () => 1; } | it returned function",
        "function handle(i) { return 1n; } | TypeError",
        "function handle(i) { return NaN; } | NaN is no JSON",
        "function handle(i) { return {a: [null, {b: 1 / 0}]}; } | Infinity is no JSON",
        "function handle(i) { return [-1 / 0, 1]; } | -Infinity is no JSON",
        "function handle(i) { return [undefined]; } | undefined is no JSON",
        "function handle(i) { return [handle]; } | a function is no JSON",
        "function handle(i) { return [Symbol()]; } | a symbol is no JSON",
        "function handle(i) { return {toJSON: () => NaN}; } | NaN is no JSON",
        "async function handle(i) { return {a: NaN}; } | NaN is no JSON",
        "function handle(i) { return ['\\ud800']; } | half of a surrogate pair",
        "function handle(i) { return {'\\udc00': 1}; } | half of a surrogate pair",
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
      value = {
        "function handle(i) { throw new TypeError('bad ' + i); } | TypeError: bad 1",
        "function handle(i) { throw 'text'; } | thrown: text",
        "function handle(i) { return new Promise(() => {}); } | never settles",
        "function handle(i) { return ( } | unexpected token in expression: '}' (line 1,",
        "const x = 1; | a function handle(input) is expected",
        "throw new Error('at load'); | at load",
        "import fs from 'fs'; function handle(i) { return 1; } | could not load module",
      })
  void shouldExplainWhatWentWrong(String source, String expected) {
    var outcome = run(source, "1");

    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.CRASH);
    assertThat(((Failure) outcome).detail()).contains(expected);
  }

  /// What is null, and what only reads like it, is no fault.
  @Test
  void shouldGiveNullWhereItIsMeant() {
    assertThat(
            run(
                "function handle(i) { return {a: null, b: [null, 'null'], null: 1, c: undefined, e: handle, d: '\\\\ud800 😀'}; }",
                "1"))
        .isEqualTo(
            new Result(
                new Json("{\"a\":null,\"b\":[null,\"null\"],\"null\":1,\"d\":\"\\\\ud800 😀\"}")));
    assertThat(run("function handle(i) { return null; }", "1"))
        .isEqualTo(new Result(new Json("null")));
  }

  /// It is looked for by what the language had before the script.
  @Test
  void shouldFindWhatIsNoJsonThoughTheScriptChangedHowThatIsDone() {
    var outcome =
        run(
            "String.prototype.includes = () => false; Number.isFinite = () => true;"
                + " globalThis.isFinite = () => true; JSON.stringify = () => '1';"
                + " function handle(i) { Array.isArray = () => false; return [NaN, undefined]; }",
            "1");

    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.INVALID_RESULT);
  }

  @Test
  void shouldSayWhereAScriptThrew() {
    var outcome = run("\n\nfunction handle(i) {\n  return i.a.b.c;\n}", "{}");

    assertThat(((Failure) outcome).detail())
        .contains("TypeError: cannot read property 'b' of undefined", "function.mjs:3:");
  }

  @Test
  void shouldOfferDatesThatComeFromTheInput() {
    assertThat(run("function handle(i) { return new Date(i).toISOString(); }", "\"2026-01-02\""))
        .isEqualTo(new Result(new Json("\"2026-01-02T00:00:00.000Z\"")));
  }

  @Test
  void shouldGiveNoCapabilities() {
    var outcome =
        run(
            "function handle(i) { return ['java_invoke','Javy','process','require','fetch',"
                + "'WebAssembly','setTimeout'].filter(n => n in globalThis); }",
            "1");

    assertThat(outcome).isEqualTo(new Result(new Json("[]")));
  }

  @Test
  void shouldStopWhenTheCallerIsInterrupted() {
    Thread caller = Thread.currentThread();
    Thread.ofVirtual()
        .start(
            () -> {
              while (caller.getState() == Thread.State.NEW) {
                Thread.onSpinWait();
              }
              caller.interrupt();
            });

    assertThatThrownBy(
            () ->
                Runs.CODE.run(
                    Runs.script(Language.JAVASCRIPT, "function handle(i) { for (;;); }"),
                    Json.NULL,
                    new CodeLimits(Duration.ofSeconds(20), 64 << 20, 1000)))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void shouldCountWhatCodeDoes() {
    // Given
    var patient = new CodeLimits(Duration.ofSeconds(20), 64 << 20, 1000, 50_000);
    String turns =
        "function handle(n) { let s = 0; for (let i = 0; i < n; i++) s += i; return s; }";

    // Then what is below the limit ends, on a slow machine too
    assertThat(Runs.javaScript(turns, new Json("20000"), patient))
        .isEqualTo(new Result(new Json("199990000")));

    // And what is above does not, whatever it does about it
    for (String endless :
        List.of(
            "function handle(i) { for (;;); }",
            "function handle(i) { for (;;) try { for (;;); } catch (e) {} finally { for (;;); } }",
            "async function handle(i) { for (;;) await null; }",
            "for (;;); function handle(i) {}",
            "function handle(i) { return /^(a+)+$/.test('a'.repeat(50) + 'b'); }")) {
      assertThat(Runs.javaScript(endless, Json.NULL, patient))
          .as(endless)
          .isEqualTo(new Failure(FailureClass.TIMEOUT, "no answer of the code within 50000 steps"));
    }
  }
}
