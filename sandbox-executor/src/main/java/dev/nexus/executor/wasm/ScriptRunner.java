package dev.nexus.executor.wasm;

import dev.nexus.event.Excerpt;
import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.wasm.Evaluation.Ending;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.Memory;

/// Runs the scripts of one language. A script is loaded once, without input; each call gets an
/// engine of its own that begins where loading ended and is thrown away afterwards, so a call
/// cannot see another. Best called on threads with 8 MiB of stack or more: deep recursion then ends
/// inside the guest.
final class ScriptRunner {
  private static final int MAX_DETAIL = 1000;

  /// What QuickJS says where a text would be longer than any may be, which is a bound of memory.
  private static final List<String> LONGEST_TEXT =
      List.of("InternalError: string too long", "RangeError: invalid string length");

  /// A script as it is after loading, or why it does not load.
  private sealed interface Loaded {
    record Ready(MemorySnapshot snapshot) implements Loaded {}

    record Broken(Failure failure) implements Loaded {}
  }

  private final Engine engine;
  private final ProgramCache<Script, Loaded> scripts = new ProgramCache<>(ScriptRunner::bytes);
  private final ThreadLocal<ArrayDeque<byte[]>> spare = ThreadLocal.withInitial(ArrayDeque::new);
  private volatile Engine.@Nullable Started started;

  ScriptRunner(Engine engine) {
    this.engine = engine;
  }

  /// @param host what the call may ask for; a script's loading never may
  CodeOutcome run(Script script, Json input, CodeLimits limits, HostCalls host)
      throws InterruptedException {
    return switch (loaded(script, limits)) {
      case Loaded.Broken(var failure) -> failure;
      case Loaded.Ready(var snapshot) -> call(snapshot, input, limits, host);
    };
  }

  private CodeOutcome call(MemorySnapshot snapshot, Json input, CodeLimits limits, HostCalls host)
      throws InterruptedException {
    int pages = limits.memoryBytes() / Memory.PAGE_SIZE;
    if (pages < snapshot.pages()) {
      return new Failure(FailureClass.MEMORY, "the script alone needs more than its limit");
    }
    var call =
        new GuestCall(
            input.text().getBytes(StandardCharsets.UTF_8),
            limits.outputBytes(),
            limits.steps(),
            host);
    Guest guest = started().guest(snapshot, pages, spare.get());
    Failure trap = bounded(call, limits, guest::call);
    guest.recycle(Guest.GRANULES_KEPT);
    return trap == null ? outcome(call, limits) : trap;
  }

  private static CodeOutcome outcome(GuestCall call, CodeLimits limits) {
    GuestCall.Kind kind = call.kind();
    if (kind == null) {
      return new Failure(FailureClass.CRASH, "handle gave no answer: its promise never settles");
    }
    return switch (kind) {
      case RESULT -> new Result(new Json(call.text()), call.noise());
      case DEOPT -> new Deopt(call.text(), call.noise());
      case OVERSIZED ->
          new Failure(
              FailureClass.OUTPUT,
              "at most " + limits.outputBytes() + " bytes expected, found " + call.text(),
              call.noise());
      case INVALID ->
          new Failure(
              FailureClass.INVALID_RESULT, "handle gave no JSON: " + call.text(), call.noise());
      case ERROR -> error(call);
    };
  }

  private static Failure error(GuestCall call) {
    return new Failure(classOf(call.text()), call.text(), call.noise());
  }

  private Loaded loaded(Script script, CodeLimits limits) throws InterruptedException {
    Loaded known = scripts.get(script);
    if (known != null) {
      return known;
    }
    Loaded loaded = load(script.source(), limits);
    // Running out of time may be the machine's fault: such a script is tried again.
    if (!(loaded instanceof Loaded.Broken(var failure))
        || failure.failure() != FailureClass.TIMEOUT) {
      scripts.put(script, loaded);
    }
    return loaded;
  }

  private Loaded load(String source, CodeLimits limits) throws InterruptedException {
    int pages = limits.memoryBytes() / Memory.PAGE_SIZE;
    Engine.Started base = started();
    if (pages < base.snapshot().pages()) {
      return new Loaded.Broken(
          new Failure(
              FailureClass.MEMORY,
              "the language alone needs %d MiB, %d MiB are the limit"
                  .formatted(mebibytes(base.snapshot().pages()), mebibytes(pages))));
    }
    var call = GuestCall.withoutInput(limits.steps());
    Guest guest = base.guest(base.snapshot(), pages, new ArrayDeque<>());
    Failure trap = bounded(call, limits, () -> guest.load(source));
    if (trap == null && call.kind() == GuestCall.Kind.ERROR) {
      trap = error(call);
    }
    return trap == null ? new Loaded.Ready(guest.freeze()) : new Loaded.Broken(trap);
  }

  private static long bytes(Script script, Loaded made) {
    long own =
        made instanceof Loaded.Ready(var snapshot)
            ? snapshot.ownBytes() + (long) Integer.BYTES * snapshot.granules().length
            : 0;
    return own + 2L * script.source().length();
  }

  private static long mebibytes(int pages) {
    return (long) pages * Memory.PAGE_SIZE >> 20;
  }

  /// Evaluates under the time limit; returns what stopped it, or null.
  private @Nullable Failure bounded(GuestCall call, CodeLimits limits, Runnable evaluation)
      throws InterruptedException {
    return switch (Evaluation.within(
        limits.time(),
        alarm -> {
          call.ringsAt(alarm);
          ScopedValue.where(GuestCall.CURRENT, call).run(evaluation);
        })) {
      case Ending.Whole _ -> null;
      case Ending.Late _ ->
          new Failure(
              FailureClass.TIMEOUT,
              "no answer of the code within " + limits.time().toMillis() + " ms");
      case Ending.Trapped _ when call.isExhausted() ->
          new Failure(
              FailureClass.TIMEOUT, "no answer of the code within " + limits.steps() + " steps");
      case Ending.Trapped(var trap) -> {
        String detail = Excerpt.of(engine.words(call.noise(), trap), MAX_DETAIL);
        yield new Failure(classOf(detail), detail);
      }
    };
  }

  private static FailureClass classOf(String detail) {
    if (HostCalls.isRefusal(detail)) {
      return FailureClass.PERMISSION;
    }
    if (Tools.isLate(detail)) {
      return FailureClass.TIMEOUT;
    }
    return detail.contains("out of memory")
            || detail.contains("MemoryError")
            || LONGEST_TEXT.stream().anyMatch(detail::startsWith)
        ? FailureClass.MEMORY
        : FailureClass.CRASH;
  }

  /// The started engine; whoever asks first waits for its start.
  Engine.Started started() {
    Engine.Started made = started;
    if (made == null) {
      synchronized (this) {
        made = started;
        if (made == null) {
          made =
              ScopedValue.where(GuestCall.CURRENT, GuestCall.withoutInput(Long.MAX_VALUE))
                  .call(() -> engine.start(CodeLimits.DEFAULT.memoryBytes() / Memory.PAGE_SIZE));
          started = made;
        }
      }
    }
    return made;
  }
}
