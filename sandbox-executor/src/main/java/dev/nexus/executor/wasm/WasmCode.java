package dev.nexus.executor.wasm;

import dev.nexus.event.Json;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Module;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;
import java.time.Duration;

/// Runs programs in this process: modules, and scripts of each language by an engine that is one.
public final class WasmCode {
  private final ScriptRunner javaScript = new ScriptRunner(new QuickJs());
  private final ScriptRunner python = new ScriptRunner(new Python());
  private final ModuleRunner modules = new ModuleRunner();

  private final Tools tools;
  private final Duration toolTime;

  /// Code that has no tools.
  public WasmCode() {
    this(Tools.NONE);
  }

  /// @param tools for code that may call some
  public WasmCode(Tools tools) {
    this(tools, HostCalls.TOOL_TIME);
  }

  /// @param toolTime of one call of a tool
  WasmCode(Tools tools, Duration toolTime) {
    this.tools = tools;
    this.toolTime = toolTime;
  }

  /// Makes the engine of a language ready, so that its first call does not pay for it.
  public WasmCode warm(Language language) {
    started(language);
    return this;
  }

  /// Runs `handle` of the script of a call on its input. Throws `InterruptedException` when the
  /// calling thread is interrupted; going over a limit is an outcome.
  public CodeOutcome run(Script script, CodeCall call) throws InterruptedException {
    return runner(script.language()).run(script, call.input(), call.limits(), host(call));
  }

  /// Runs a script that may ask for nothing.
  public CodeOutcome run(Script script, Json input, CodeLimits limits) throws InterruptedException {
    return runner(script.language()).run(script, input, limits, HostCalls.NONE);
  }

  /// Runs a module that may ask for nothing.
  public CodeOutcome run(Module module, Json input, CodeLimits limits) throws InterruptedException {
    return modules.run(module, input, limits, HostCalls.NONE);
  }

  /// Runs a module with the input of a call to read. Throws and bounds as for scripts.
  public CodeOutcome run(Module module, CodeCall call) throws InterruptedException {
    return modules.run(module, call.input(), call.limits(), host(call));
  }

  private HostCalls host(CodeCall call) {
    return HostCalls.of(call, tools, toolTime);
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
