package dev.nexus.executor.wasm;

import dev.nexus.event.Excerpt;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Program.Module;
import dev.nexus.executor.wasm.CommandWasi.Stop;
import dev.nexus.executor.wasm.Evaluation.Ending;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.Memory;

/// Runs modules that users bring: each call is a command of its own, which begins with the memory
/// that the module says and is thrown away afterwards.
final class ModuleRunner {
  /// With this exit code a module declines an input: EX_TEMPFAIL of sysexits.h.
  private static final int DECLINED = 75;

  private static final int MAX_DETAIL = 1000;

  /// A module that is read, or why it is not run.
  private sealed interface Loaded {
    record Ready(Command command) implements Loaded {}

    record Broken(Failure failure) implements Loaded {}
  }

  private final ProgramCache<Module, Loaded> modules = new ProgramCache<>(ModuleRunner::bytes);
  private final ThreadLocal<ArrayDeque<byte[]>> spare = ThreadLocal.withInitial(ArrayDeque::new);

  /// Reading takes a hundred times the bytes of a module for a moment, so one is read at a time.
  private final ReentrantLock reading = new ReentrantLock(true);

  CodeOutcome run(Module module, Json input, CodeLimits limits, HostCalls host)
      throws InterruptedException {
    return switch (loaded(module)) {
      case Loaded.Broken(var failure) -> failure;
      case Loaded.Ready(var command) -> call(command, input, limits, host);
    };
  }

  private Loaded loaded(Module module) throws InterruptedException {
    Loaded known = modules.get(module);
    if (known != null) {
      return known;
    }
    reading.lockInterruptibly();
    try {
      known = modules.get(module);
      if (known == null) {
        known = load(module.base64());
        modules.put(module, known);
      }
      return known;
    } finally {
      reading.unlock();
    }
  }

  private static Loaded load(String base64) {
    try {
      return new Loaded.Ready(Command.of(Base64.getDecoder().decode(base64)));
    } catch (ModuleException e) {
      return new Loaded.Broken(new Failure(e.failure(), detail(e.getMessage())));
    } catch (IllegalArgumentException e) {
      return new Loaded.Broken(
          new Failure(FailureClass.CRASH, "the bytes of a module in base64 expected"));
    }
  }

  private static long bytes(Module module, Loaded made) {
    return module.base64().length()
        + (made instanceof Loaded.Ready(var command) ? command.bytes() : 0);
  }

  private CodeOutcome call(Command command, Json input, CodeLimits limits, HostCalls host)
      throws InterruptedException {
    int most = limits.memoryBytes() / Memory.PAGE_SIZE;
    int initial = command.shape().initialPages();
    if (initial > most) {
      return new Failure(
          FailureClass.MEMORY,
          "the module begins with %d pages of 64 KiB, %d are the limit".formatted(initial, most));
    }
    int maximum = Math.max(initial, Math.min(most, command.shape().maximumPages()));
    var memory = SnapshotMemory.of(command.memory(), maximum, spare.get());
    var wasi =
        new CommandWasi(
            input.text().getBytes(StandardCharsets.UTF_8), limits.outputBytes(), memory, host);
    Ending ending = Evaluation.within(limits.time(), _ -> command.run(wasi, memory));
    memory.recycle(Guest.GRANULES_KEPT);
    return switch (ending) {
      case Ending.Whole _ -> result(wasi, limits);
      case Ending.Late _ ->
          new Failure(
              FailureClass.TIMEOUT,
              "no answer of the module within " + limits.time().toMillis() + " ms",
              wasi.printed());
      case Ending.Trapped(var trap) -> stopped(wasi, memory, trap, limits);
    };
  }

  private static CodeOutcome stopped(
      CommandWasi wasi, SnapshotMemory memory, Throwable trap, CodeLimits limits) {
    Optional<Stop> stop = wasi.stop();
    if (stop.isEmpty()) {
      return crash(wasi, memory, String.valueOf(trap.getMessage()));
    }
    return switch (stop.get()) {
      case Stop.Exit(var code) when code == 0 -> result(wasi, limits);
      case Stop.Exit(var code) when code == DECLINED ->
          new Deopt(detail(wasi.printed().strip()), wasi.printed());
      case Stop.Exit(var code) -> crash(wasi, memory, "exit code " + code);
      case Stop.Oversized _ -> oversized(wasi, limits);
      case Stop.Refused(var words) -> new Failure(FailureClass.PERMISSION, words, wasi.printed());
    };
  }

  /// What went wrong with the last words of the module. One that was refused memory and then failed
  /// did so for that: it has no other way to say it.
  private static Failure crash(CommandWasi wasi, SnapshotMemory memory, String words) {
    String last = wasi.printed().strip();
    String detail = detail(words + (last.isEmpty() ? "" : ": " + lastOf(last)));
    return memory.hasRefused()
        ? new Failure(
            FailureClass.MEMORY,
            "failed after more than " + memory.maximumPages() / 16 + " MiB were refused: " + detail,
            wasi.printed())
        : new Failure(FailureClass.CRASH, detail, wasi.printed());
  }

  private static Failure oversized(CommandWasi wasi, CodeLimits limits) {
    return new Failure(
        FailureClass.OUTPUT,
        "at most " + limits.outputBytes() + " bytes expected, found more",
        wasi.printed());
  }

  private static CodeOutcome result(CommandWasi wasi, CodeLimits limits) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(wasi.output())).toString();
      String output = CanonicalJson.write(CanonicalJson.read(text));
      // One JSON number may have hundreds of digits that its text has not.
      return output.getBytes(StandardCharsets.UTF_8).length > limits.outputBytes()
          ? oversized(wasi, limits)
          : new Result(new Json(output), wasi.printed());
    } catch (CharacterCodingException e) {
      return invalid("UTF-8 expected on stdout, found something else", wasi);
    } catch (MalformedJsonException e) {
      return invalid("one JSON value expected on stdout, found " + e.found(), wasi);
    }
  }

  private static Failure invalid(String detail, CommandWasi wasi) {
    return new Failure(FailureClass.INVALID_RESULT, detail(detail), wasi.printed());
  }

  private static String detail(@Nullable String words) {
    return Excerpt.of(String.valueOf(words), MAX_DETAIL);
  }

  private static String lastOf(String text) {
    return text.substring(Math.max(0, text.length() - MAX_DETAIL / 2));
  }
}
