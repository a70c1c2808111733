package dev.nexus.executor.wasm;

import dev.nexus.event.Json;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Module;
import dev.nexus.executor.code.Program.Script;

/// Runs programs in this process: modules, and scripts of each language by an engine that is one.
public final class WasmCode {
  private final ScriptRunner javaScript = new ScriptRunner(new QuickJs());
  private final ScriptRunner python = new ScriptRunner(new Python());
  private final ModuleRunner modules = new ModuleRunner();

  /// Makes the engine of a language ready, so that its first call does not pay for it.
  public WasmCode warm(Language language) {
    started(language);
    return this;
  }

  /// Runs `handle` of a script on `input`. Throws `InterruptedException` when the calling thread is
  /// interrupted; going over a limit is an outcome.
  public CodeOutcome run(Script script, Json input, CodeLimits limits) throws InterruptedException {
    return runner(script.language()).run(script, input, limits);
  }

  /// Runs a module with `input` to read. Throws and bounds as for scripts.
  public CodeOutcome run(Module module, Json input, CodeLimits limits) throws InterruptedException {
    return modules.run(module, input, limits);
  }

  Engine.Started started(Language language) {
    return runner(language).started();
  }

  private ScriptRunner runner(Language language) {
    return switch (language) {
      case JAVASCRIPT -> javaScript;
      case PYTHON -> python;
    };
  }
}
