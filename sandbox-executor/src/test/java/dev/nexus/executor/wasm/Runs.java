package dev.nexus.executor.wasm;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;

/// Engines that are started once for all tests of a process.
final class Runs {
  static final WasmCode CODE = new WasmCode();

  /// What tools are, for calls of the thread.
  private static final ThreadLocal<Tools> TOOLS = ThreadLocal.withInitial(() -> Tools.NONE);

  private static final WasmCode WITH_TOOLS =
      new WasmCode(
          (by, asked, message, patience) -> TOOLS.get().send(by, asked, message, patience));

  private Runs() {}

  /// Code that has tools, on this thread.
  static WasmCode with(Tools tools) {
    TOOLS.set(tools);
    return WITH_TOOLS;
  }

  static Script script(Language language, String source) {
    return new Script(TenantId.DEFAULT, language, source);
  }

  static CodeOutcome javaScript(String source, Json input, CodeLimits limits) {
    return run(Language.JAVASCRIPT, source, input, limits);
  }

  static CodeOutcome python(String source, Json input, CodeLimits limits) {
    return run(Language.PYTHON, source, input, limits);
  }

  private static CodeOutcome run(Language language, String source, Json input, CodeLimits limits) {
    try {
      return CODE.run(script(language, source), input, limits);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
