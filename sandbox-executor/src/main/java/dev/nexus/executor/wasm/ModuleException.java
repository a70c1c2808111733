package dev.nexus.executor.wasm;

import dev.nexus.event.task.FailureClass;
import java.util.Locale;

/// Says why a module is not run.
final class ModuleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final FailureClass failure;

  ModuleException(FailureClass failure, String words) {
    super(words);
    this.failure = failure;
  }

  /// Of a module that is broken, or has what none may have.
  ModuleException(String words, Object... parts) {
    this(FailureClass.CRASH, String.format(Locale.ROOT, words, parts));
  }

  FailureClass failure() {
    return failure;
  }
}
