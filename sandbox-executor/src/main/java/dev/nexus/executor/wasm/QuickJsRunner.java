package dev.nexus.executor.wasm;

import dev.nexus.event.Excerpt;
import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.CodeRunner;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.Memory;
import run.endive.wasm.WasmEngineException;

/// Runs scripts in QuickJS. A script is loaded once, without input; each call gets an engine of its
/// own that begins where loading ended and is thrown away afterwards, so a call cannot see another.
/// Best called on threads with 8 MiB of stack or more: deep recursion then ends inside the guest.
public final class QuickJsRunner implements CodeRunner {
  private static final int SCRIPTS_KEPT = 64;
  private static final int GRANULES_KEPT = 64;
  private static final int MAX_DETAIL = 1000;
  private static final Pattern GUEST_ERROR =
      Pattern.compile("(\\w*Error: [^\\n]*)(?:\\n\\s+at [^\\n]*\\.mjs:(\\d+):(\\d+))?");
  private static final Pattern HINT = Pattern.compile("\\s*note: run with .*", Pattern.DOTALL);

  /// The engine with the prelude evaluated, and the code that makes one call.
  private record Image(MemorySnapshot snapshot, Guest.Bytecode run) {}

  /// A script as it is after loading, or why it does not load.
  private sealed interface Script {
    record Loaded(MemorySnapshot snapshot) implements Script {}

    record Broken(Failure failure) implements Script {}
  }

  private final ThreadLocal<ArrayDeque<byte[]>> spare = ThreadLocal.withInitial(ArrayDeque::new);
  private final Map<String, Script> scripts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Script> eldest) {
          return size() > SCRIPTS_KEPT;
        }
      };
  private volatile @Nullable Image image;

  /// Makes the engine ready, so that the first call does not pay for it.
  public QuickJsRunner warm() {
    image();
    return this;
  }

  @Override
  public CodeOutcome run(String source, Json input, CodeLimits limits) throws InterruptedException {
    return switch (script(source, limits)) {
      case Script.Broken(var failure) -> failure;
      case Script.Loaded(var snapshot) -> call(snapshot, input, limits);
    };
  }

  private CodeOutcome call(MemorySnapshot snapshot, Json input, CodeLimits limits)
      throws InterruptedException {
    int pages = limits.memoryBytes() / Memory.PAGE_SIZE;
    if (pages < snapshot.pages()) {
      return new Failure(FailureClass.MEMORY, "the script alone needs more than its limit");
    }
    Guest.Bytecode run = image().run();
    var call = new GuestCall(input.text().getBytes(StandardCharsets.UTF_8), limits.outputBytes());
    Guest guest = Guest.of(snapshot, pages, spare.get());
    Failure trap = bounded(call, limits, () -> guest.evaluate(run));
    guest.recycle(GRANULES_KEPT);
    return trap == null ? outcome(call, limits) : trap;
  }

  private static CodeOutcome outcome(GuestCall call, CodeLimits limits) {
    GuestCall.Kind kind = call.kind();
    if (kind == null) {
      return new Failure(FailureClass.CRASH, "handle gave no answer: its promise never settles");
    }
    return switch (kind) {
      case RESULT -> new Result(new Json(call.text()));
      case DEOPT -> new Deopt(call.text());
      case OVERSIZED ->
          new Failure(
              FailureClass.OUTPUT,
              "at most " + limits.outputBytes() + " bytes expected, found " + call.text());
      case ERROR -> new Failure(classOf(call.text()), call.text());
    };
  }

  private Script script(String source, CodeLimits limits) throws InterruptedException {
    synchronized (scripts) {
      Script known = scripts.get(source);
      if (known != null) {
        return known;
      }
    }
    Script script = load(source, limits);
    // Running out of time may be the machine's fault: such a script is tried again.
    if (!(script instanceof Script.Broken(var failure))
        || failure.failure() != FailureClass.TIMEOUT) {
      synchronized (scripts) {
        scripts.put(source, script);
      }
    }
    return script;
  }

  private Script load(String source, CodeLimits limits) throws InterruptedException {
    Image base = image();
    var call = GuestCall.withoutInput();
    Guest guest =
        Guest.of(
            base.snapshot(), limits.memoryBytes() / Memory.PAGE_SIZE, new ArrayDeque<byte[]>());
    String module =
        source + "\n;globalThis.__nexus.define(typeof handle === 'function' ? handle : undefined);";
    Failure trap = bounded(call, limits, () -> guest.evaluate(guest.compile(module)));
    return trap == null ? new Script.Loaded(guest.freeze()) : new Script.Broken(trap);
  }

  /// Evaluates under the time limit; returns what stopped it, or null.
  private static @Nullable Failure bounded(GuestCall call, CodeLimits limits, Runnable evaluation)
      throws InterruptedException {
    Throwable trap = null;
    Alarm alarm = Alarm.after(limits.time());
    boolean late;
    try {
      ScopedValue.where(GuestCall.CURRENT, call).run(evaluation);
    } catch (WasmEngineException | StackOverflowError e) {
      trap = e;
    } finally {
      late = alarm.end();
    }
    if (trap == null) {
      return null;
    }
    if (late) {
      return new Failure(
          FailureClass.TIMEOUT, "no answer of the code within " + limits.time().toMillis() + " ms");
    }
    if (trap instanceof run.endive.runtime.WasmInterruptedException) {
      Thread.interrupted();
      throw new InterruptedException("code was interrupted");
    }
    String detail = detail(call.noise(), trap);
    return new Failure(classOf(detail), detail);
  }

  private static FailureClass classOf(String detail) {
    return detail.contains("out of memory") ? FailureClass.MEMORY : FailureClass.CRASH;
  }

  /// The guest's own words without the engine's: a panic prints where in the engine it happened.
  private static String detail(String noise, Throwable trap) {
    Matcher error = GUEST_ERROR.matcher(noise);
    String found;
    if (error.find()) {
      String place = "";
      if (error.group(2) != null) {
        place = " (line " + error.group(2) + ", column " + error.group(3) + ")";
      }
      found = error.group(1) + place;
    } else if (noise.isBlank()) {
      found = String.valueOf(trap.getMessage());
    } else {
      found = HINT.matcher(noise).replaceAll("").strip();
    }
    return Excerpt.of(found, MAX_DETAIL);
  }

  private Image image() {
    Image made = image;
    if (made == null) {
      synchronized (this) {
        made = image;
        if (made == null) {
          made =
              ScopedValue.where(GuestCall.CURRENT, GuestCall.withoutInput())
                  .call(QuickJsRunner::boot);
          image = made;
        }
      }
    }
    return made;
  }

  private static Image boot() {
    Guest guest = Guest.boot(CodeLimits.DEFAULT.memoryBytes() / Memory.PAGE_SIZE);
    guest.evaluate(guest.compile(prelude()));
    Guest.Bytecode run = guest.compile("globalThis.__nexus.run();");
    return new Image(guest.freeze(), run);
  }

  private static String prelude() {
    try (InputStream in = QuickJsRunner.class.getResourceAsStream("prelude.js")) {
      if (in == null) {
        throw new IllegalStateException("prelude.js is missing beside QuickJsRunner");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
