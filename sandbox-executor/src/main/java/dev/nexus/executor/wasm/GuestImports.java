package dev.nexus.executor.wasm;

import java.nio.charset.StandardCharsets;
import java.util.List;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.TrapException;
import run.endive.runtime.WasmFunctionHandle;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/// Everything the module can call: one door to `GuestCall` and a WASI without files, clock or
/// chance. Holds no state, so all instances share it.
final class GuestImports {
  private static final String WASI = "wasi_snapshot_preview1";
  private static final long OK = 0;
  private static final long BAD_DESCRIPTOR = 8;
  private static final ValType I32 = ValType.I32;
  private static final ValType I64 = ValType.I64;

  static final ImportValues VALUES =
      ImportValues.builder()
          .withFunctions(
              List.<ImportFunction>of(
                  new HostFunction(
                      "endive",
                      "invoke",
                      FunctionType.of(List.of(I32, I32, I32, I32, I32, I32), List.of(I32)),
                      GuestImports::invoke),
                  wasi("random_get", GuestImports::random, I32, I32),
                  wasi("environ_get", (instance, args) -> errno(OK), I32, I32),
                  wasi("environ_sizes_get", GuestImports::environSizes, I32, I32),
                  wasi("clock_time_get", GuestImports::clock, I32, I64, I32),
                  wasi("fd_close", GuestImports::refused, I32),
                  wasi("fd_fdstat_get", GuestImports::refused, I32, I32),
                  wasi("fd_prestat_get", GuestImports::refused, I32, I32),
                  wasi("fd_prestat_dir_name", GuestImports::refused, I32, I32, I32),
                  wasi("fd_read", GuestImports::refused, I32, I32, I32, I32),
                  wasi("fd_seek", GuestImports::refused, I32, I64, I32, I32),
                  wasi("fd_write", GuestImports::write, I32, I32, I32, I32),
                  new HostFunction(
                      WASI,
                      "proc_exit",
                      FunctionType.of(List.of(I32), List.of()),
                      (instance, args) -> {
                        throw new TrapException("the guest exited");
                      })))
          .build();

  private GuestImports() {}

  private static HostFunction wasi(String name, WasmFunctionHandle handle, ValType... parameters) {
    return new HostFunction(WASI, name, FunctionType.of(List.of(parameters), List.of(I32)), handle);
  }

  private static SnapshotMemory memory(Instance instance) {
    return (SnapshotMemory) instance.memory();
  }

  private static long[] errno(long number) {
    return new long[] {number};
  }

  private static long[] refused(Instance instance, long... args) {
    return errno(BAD_DESCRIPTOR);
  }

  private static long[] invoke(Instance instance, long... args) {
    SnapshotMemory memory = memory(instance);
    String name =
        new String(
            memory.readBytes((int) args[0], Math.clamp(args[1], 0, 64)), StandardCharsets.UTF_8);
    byte[] answer = GuestCall.CURRENT.get().invoked(name, memory, (int) args[4], (int) args[5]);
    int text = allocate(instance, Math.max(1, answer.length));
    memory.write(text, answer, 0, answer.length);
    int pair = allocate(instance, 8);
    memory.writeI32(pair, text);
    memory.writeI32(pair + 4, answer.length);
    return new long[] {pair};
  }

  /// Memory of the guest's own allocator.
  static int allocate(Instance instance, int bytes) {
    return (int) instance.export("cabi_realloc").apply(0, 0, 1, bytes)[0];
  }

  private static long[] random(Instance instance, long... args) {
    memory(instance).fill((byte) 0, (int) args[0], (int) (args[0] + args[1]));
    return errno(OK);
  }

  private static long[] environSizes(Instance instance, long... args) {
    memory(instance).writeI32((int) args[0], 0);
    memory(instance).writeI32((int) args[1], 0);
    return errno(OK);
  }

  private static long[] clock(Instance instance, long... args) {
    memory(instance).writeLong((int) args[2], 0);
    return errno(OK);
  }

  private static long[] write(Instance instance, long... args) {
    if (args[0] != 1 && args[0] != 2) {
      return errno(BAD_DESCRIPTOR);
    }
    SnapshotMemory memory = memory(instance);
    int total = 0;
    for (int i = 0; i < args[2]; i++) {
      int vector = (int) args[1] + 8 * i;
      int length = memory.readInt(vector + 4);
      total += length;
      GuestCall.CURRENT
          .get()
          .printed(memory.readBytes(memory.readInt(vector), Math.clamp(length, 0, 4096)));
    }
    memory.writeI32((int) args[3], total);
    return errno(OK);
  }
}
