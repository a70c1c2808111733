package dev.nexus.executor.dispatch;

import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.executor.code.Program.ImageHandler;
import dev.nexus.executor.code.Program.Module;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.wasm.WasmCode;

/// Sends a call to where its home is.
public final class Sandboxes implements CodeRunner {
  private final WasmCode inProcess;
  private final CodeRunner containers;

  public Sandboxes(WasmCode inProcess, CodeRunner containers) {
    this.inProcess = inProcess;
    this.containers = containers;
  }

  @Override
  public CodeOutcome run(CodeCall call) throws InterruptedException {
    return switch (call.home()) {
      case Home.Pool _ -> containers.run(call);
      case Home.InProcess _ ->
          switch (call.program()) {
            case Script script -> inProcess.run(script, call);
            case Module module -> inProcess.run(module, call);
            case ImageHandler _ ->
                new Failure(
                    FailureClass.INVALID_DEFINITION,
                    "the handler of an image runs in a pool only, and no pool is named");
            case Command _ ->
                new Failure(
                    FailureClass.INVALID_DEFINITION,
                    "commands run in a pool only, and no pool is named");
          };
    };
  }
}
