package dev.nexus.executor.wasm;

import static dev.nexus.executor.wasm.WasmWriter.DROP;
import static dev.nexus.executor.wasm.WasmWriter.bytes;
import static dev.nexus.executor.wasm.WasmWriter.call;
import static dev.nexus.executor.wasm.WasmWriter.i32;
import static dev.nexus.executor.wasm.WasmWriter.load;
import static dev.nexus.executor.wasm.WasmWriter.parts;
import static dev.nexus.executor.wasm.WasmWriter.repeated;
import static dev.nexus.executor.wasm.WasmWriter.saying;
import static dev.nexus.executor.wasm.WasmWriter.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Program.Module;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ModuleTest {
  private static final CodeLimits LIMITS = new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);

  static CodeOutcome run(Module module, String input, CodeLimits limits) {
    try {
      return Runs.CODE.run(module, new Json(input), limits);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CodeOutcome run(WasmWriter module) {
    return run(module.program(), "{\"a\":1}", LIMITS);
  }

  private static Failure failure(WasmWriter module) {
    CodeOutcome outcome = run(module);
    assertThat(outcome).isInstanceOf(Failure.class);
    return (Failure) outcome;
  }

  @Test
  void shouldReadItsInputAndWriteItsOutput() {
    Module echo = WasmWriter.echo().program();

    assertThat(run(echo, "{\"a\":[1,\"ö\"]}", LIMITS))
        .isEqualTo(new Result(new Json("{\"a\":[1,\"ö\"]}")));
    assertThat(run(echo, "7", LIMITS)).isEqualTo(new Result(new Json("7")));
  }

  @Test
  void shouldWriteItsOutputInTheOneFormOfJson() {
    assertThat(run(saying(" {\"b\": 1.0,\n \"a\": 2}\n")))
        .isEqualTo(new Result(new Json("{\"a\":2,\"b\":1}")));
  }

  @Test
  void shouldHaveNothingOfTheCallBefore() {
    // Given a module that counts in its memory, a global and a table, each of which it also grows
    var counting = new WasmWriter();
    int write = counting.wasi("fd_write", 4);
    counting
        .section(4, bytes(0x70, 0, 1))
        .section(6, bytes(0x7f, 1, i32(0), 0x0b))
        .data(1024, "000")
        .function(
            store(1024, bytes(load(1024), i32(1), 0x6a)),
            bytes(0x23, 0, i32(1), 0x6a, 0x24, 0),
            bytes(0xd0, 0x70, i32(5), 0xfc, 15, 0, DROP),
            bytes(i32(1), 0x40, 0, DROP),
            // their sum
            store(
                1024,
                bytes(load(1024), 0x23, 0, 0x6a, 0xfc, 16, 0, 0x6a, 0x3f, 0, 0x6a, i32(100), 0x6f)),
            store(0, i32(2048)),
            store(4, i32(2)),
            store(
                2048,
                bytes(
                    load(1024),
                    i32(10),
                    0x6e,
                    load(1024),
                    i32(10),
                    0x70,
                    i32(8),
                    0x74,
                    0x72,
                    i32(0x3030),
                    0x72)),
            parts(write, 1));

    // When
    CodeOutcome first = run(counting);

    // Then
    assertThat(first).isInstanceOf(Result.class);
    for (int i = 0; i < 5; i++) {
      assertThat(run(counting)).isEqualTo(first);
    }
  }

  @Test
  void shouldKeepWhatItPrints() {
    var printing = new WasmWriter();
    int write = printing.wasi("fd_write", 4);
    printing
        .data(1024, "a note")
        .data(2048, "true")
        .function(
            store(0, i32(1024)),
            store(4, i32(6)),
            parts(write, 2),
            store(0, i32(2048)),
            store(4, i32(4)),
            parts(write, 1));

    assertThat(run(printing)).isEqualTo(new Result(new Json("true"), "a note"));
  }

  private static WasmWriter exiting(int code, String words) {
    var writer = new WasmWriter();
    int exit = writer.exit();
    return saying(2, bytes(words), writer, bytes(i32(code), call(exit)));
  }

  @Test
  void shouldFailWithItsExitCodeAndItsLastWords() {
    assertThat(run(exiting(7, "no such thing\n")))
        .isEqualTo(
            new Failure(FailureClass.CRASH, "exit code 7: no such thing", "no such thing\n"));
    assertThat(failure(exiting(0, "")).detail())
        .isEqualTo("one JSON value expected on stdout, found nothing");
  }

  @Test
  void shouldDeclineByExitCode() {
    assertThat(run(exiting(75, "not mine\n"))).isEqualTo(new Deopt("not mine", "not mine\n"));
  }

  /// Libraries ask for these when they start.
  @Test
  void shouldHaveANameAndNoEnvironment() {
    var asking = new WasmWriter();
    int sizes = asking.wasi("args_sizes_get", 2);
    int args = asking.wasi("args_get", 2);
    int environ = asking.wasi("environ_sizes_get", 2);
    int preopened = asking.wasi("fd_prestat_get", 2);
    int status = asking.wasi("fd_fdstat_get", 2);
    int write = asking.wasi("fd_write", 4);
    asking
        .data(1000, "\"      \"")
        .function(
            bytes(i32(100), i32(104), call(sizes), DROP),
            bytes(i32(108), i32(1001), call(args), DROP),
            bytes(i32(112), i32(116), call(environ), DROP),
            bytes(i32(3), i32(120), call(preopened), DROP),
            bytes(i32(1), i32(120), call(status), DROP),
            bytes(i32(1007), i32('"'), 0x3a, 0, 0),
            store(0, i32(1000)),
            store(4, i32(8)),
            parts(write, 1));

    assertThat(run(asking)).isEqualTo(new Result(new Json("\"handle\"")));
  }

  /// Writes a number of chance as eight digits of letters.
  private static WasmWriter chance() {
    var asking = new WasmWriter();
    int random = asking.wasi("random_get", 2);
    int write = asking.wasi("fd_write", 4);
    return asking
        .data(1024, "\"--------\"")
        .function(
            bytes(i32(1025), i32(8), call(random), DROP),
            store(1025, bytes(load(1025), i32(0x0f0f0f0f), 0x71, i32(0x61616161), 0x6a)),
            store(1029, bytes(load(1029), i32(0x0f0f0f0f), 0x71, i32(0x61616161), 0x6a)),
            store(0, i32(1024)),
            store(4, i32(10)),
            parts(write, 1));
  }

  @Test
  void shouldMakeChanceOfItsInput() {
    Module chance = chance().program();

    CodeOutcome one = run(chance, "1", LIMITS);

    // Written down: it must be the same in every version and on every machine.
    assertThat(one).isEqualTo(new Result(new Json("\"jhbobmib\"")));
    assertThat(run(chance, "1", LIMITS)).isEqualTo(one);
    assertThat(run(chance, "2", LIMITS)).isNotEqualTo(one);
  }

  @Test
  void shouldHaveNoClock() {
    var asking = new WasmWriter();
    int clock = asking.clock();
    asking.function(i32(0), WasmWriter.i64(1), i32(0), call(clock), DROP);

    assertThat(run(asking))
        .isEqualTo(
            new Failure(
                FailureClass.PERMISSION,
                "the clock is not available: handle may depend on its input only,"
                    + " unless capabilities has clock"));
  }

  @Test
  void shouldSayWhatItMayNotImport() {
    var asking = new WasmWriter();
    asking.imported("env", "system", bytes(0x7f), bytes(0x7f));
    asking.function();

    assertThat(run(asking))
        .isEqualTo(
            new Failure(
                FailureClass.PERMISSION,
                "functions of wasi_snapshot_preview1 expected, found the import env.system"));
  }

  @Test
  void shouldNotTakeAFunctionOfWasiForOneOfAnotherType() {
    var asking = new WasmWriter();
    asking.wasi("fd_write", 1);

    assertThat(failure(asking.function()).failure()).isEqualTo(FailureClass.CRASH);
  }

  @Test
  void shouldBeACommand() {
    assertThat(failure(new WasmWriter().function().exporting("_initialize")).detail())
        .isEqualTo("a WASI command expected, which exports the function _start, found none");
  }

  @Test
  void shouldSayWhatItMayNotBeBuiltWith() {
    assertThat(failure(new WasmWriter().function(0xfd, 0)).detail())
        .contains("instruction 0xfd")
        .endsWith("is not supported: build without SIMD");
    assertThat(failure(new WasmWriter().function(0x12, 0)).detail())
        .endsWith("build without tail calls");
  }

  @Test
  void shouldSayThatMemoryWasRefused() {
    // Given 64 MiB, and a module that gives up when it gets no more
    var greedy = new WasmWriter();
    greedy.function(bytes(0x03, 0x40, i32(16), 0x40, 0, i32(-1), 0x47, 0x0d, 0, 0x0b), bytes(0x00));

    assertThat(failure(greedy).failure()).isEqualTo(FailureClass.MEMORY);
    assertThat(failure(greedy).detail()).startsWith("failed after more than 64 MiB were refused");
  }

  @Test
  void shouldKeepToItsOwnMaximumOfMemory() {
    var bounded = new WasmWriter().section(5, bytes(1, 2, 3));
    bounded.function(bytes(i32(2), 0x40, 0, i32(-1), 0x46, 0x04, 0x40, 0x00, 0x0b));

    assertThat(failure(bounded).failure()).isEqualTo(FailureClass.MEMORY);
  }

  @Test
  void shouldNotShareAModuleBetweenTenants() {
    Module one = WasmWriter.echo().program();
    var other = new Module(new TenantId("other"), one.base64());

    assertThat(one).isNotEqualTo(other);
    assertThat(run(other, "1", LIMITS)).isEqualTo(new Result(new Json("1")));
  }

  @Test
  void shouldBoundItsLogs() {
    assertThat(failure(saying(2, repeated(40_000, "x"), new WasmWriter(), bytes(0x00))).logs())
        .hasSize(8192);
  }
}
