package dev.nexus.executor.wasm;

import dev.nexus.executor.pool.Alarm;
import java.time.Duration;
import java.util.function.Consumer;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.WasmEngineException;

/// Has guest code run until it ends or its time is up.
final class Evaluation {
  /// How it came to its end.
  sealed interface Ending {
    record Whole() implements Ending {}

    record Late() implements Ending {}

    record Trapped(Throwable trap) implements Ending {}
  }

  private static final Ending WHOLE = new Ending.Whole();
  private static final Ending LATE = new Ending.Late();

  private Evaluation() {}

  /// @param evaluation is given the alarm that ends it
  static Ending within(Duration time, Consumer<Alarm> evaluation) throws InterruptedException {
    Throwable trap = null;
    Alarm alarm = Alarm.after(time);
    boolean late;
    try {
      evaluation.accept(alarm);
    } catch (WasmEngineException | StackOverflowError e) {
      trap = e;
    } finally {
      late = alarm.end();
    }
    if (trap == null) {
      return WHOLE;
    }
    if (late) {
      return LATE;
    }
    if (trap instanceof WasmInterruptedException) {
      Thread.interrupted();
      throw new InterruptedException("code was interrupted");
    }
    return new Ending.Trapped(trap);
  }
}
