package dev.nexus.executor.wasm;

import dev.nexus.event.Json;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Script;

/// Runs scripts in this process, each language by an engine in WebAssembly.
public final class WasmCode implements CodeRunner {
  private final ScriptRunner javaScript = new ScriptRunner(new QuickJs());
  private final ScriptRunner python = new ScriptRunner(new Python());

  /// Makes the engine of a language ready, so that its first call does not pay for it.
  public WasmCode warm(Language language) {
    started(language);
    return this;
  }

  @Override
  public CodeOutcome run(Script script, Json input, CodeLimits limits) throws InterruptedException {
    return runner(script.language()).run(script, input, limits);
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
