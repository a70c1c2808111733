package dev.nexus.executor.wasm;

import java.util.Deque;
import run.endive.runtime.Instance;
import run.endive.runtime.InterpreterMachine;
import run.endive.runtime.MStack;
import run.endive.runtime.StackFrame;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.FunctionBody;
import run.endive.wasm.types.FunctionType;

/// The interpreter with a bound on what its calls in each other hold of the heap, beside the
/// module's memory: a frame has room for all locals of its function.
final class BoundedMachine extends InterpreterMachine {
  /// About 20 bytes each.
  private static final int MOST_SLOTS = 500_000;

  /// What a frame takes besides, in slots.
  private static final int FRAME = 16;

  private int slots;

  BoundedMachine(Instance instance) {
    super(instance);
  }

  @Override
  protected long[] call(
      MStack stack,
      Instance instance,
      Deque<StackFrame> callStack,
      int function,
      long[] args,
      Object[] refArgs,
      FunctionType type,
      boolean popResults) {
    FunctionBody body = instance.function(function);
    int more = FRAME + args.length + (body == null ? 0 : body.localTypes().size());
    if (slots + more + stack.size() > MOST_SLOTS) {
      throw new WasmEngineException("call stack exhausted");
    }
    slots += more;
    try {
      return super.call(stack, instance, callStack, function, args, refArgs, type, popResults);
    } finally {
      slots -= more;
    }
  }
}
