package dev.nexus.executor.wasm;

import dev.nexus.event.definition.Capability;
import java.util.ArrayList;
import java.util.List;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.Instance;
import run.endive.runtime.TrapException;
import run.endive.runtime.WasmFunctionHandle;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;

/// WASI without files, environment, network, clock or chance, for whatever a module imports of it.
/// Holds no state, so all instances of a module share it.
final class SealedWasi {
  static final String WASI = "wasi_snapshot_preview1";
  private static final long OK = 0;
  private static final long BAD_DESCRIPTOR = 8;
  private static final long INVALID = 28;
  private static final long NO_SUCH_FILE = 44;
  private static final long NOT_SUPPORTED = 58;

  /// Where messages to tools are written and their answers are read, by code that may call some.
  private static final int TOOLS = 3;

  private static final int LONGEST_CHANCE = 1 << 16;

  /// What a module is told that asks for the time or for random bytes.
  enum Chance {
    /// Zeros: what stands before it refuses in words of its own.
    NOTHING,

    /// What it is granted; without that the call ends.
    AS_GRANTED
  }

  private SealedWasi() {}

  static List<ImportFunction> of(WasmModule module, Chance chance) {
    var functions = new ArrayList<ImportFunction>();
    for (int i = 0; i < module.importSection().importCount(); i++) {
      if (module.importSection().getImport(i) instanceof FunctionImport wanted
          && wanted.module().equals(WASI)) {
        functions.add(
            new HostFunction(
                WASI,
                wanted.name(),
                module.typeSection().getType(wanted.typeIndex()),
                handle(wanted.name(), chance)));
      }
    }
    return functions;
  }

  static WasmFunctionHandle handle(String name, Chance chance) {
    return switch (name) {
      case "args_get", "environ_get", "sched_yield" -> (_, _) -> errno(OK);
      case "args_sizes_get", "environ_sizes_get" -> SealedWasi::nothingThere;
      case "clock_time_get" ->
          chance == Chance.AS_GRANTED ? SealedWasi::time : SealedWasi::beginningOfTime;
      case "random_get" -> chance == Chance.AS_GRANTED ? SealedWasi::chance : SealedWasi::zeros;
      case "fd_write" -> SealedWasi::write;
      case "fd_read" -> SealedWasi::read;
      case "fd_prestat_get", "fd_prestat_dir_name" -> (_, _) -> errno(BAD_DESCRIPTOR);
      case "fd_readdir" -> (_, _) -> errno(NO_SUCH_FILE);
      case "proc_exit" ->
          (_, _) -> {
            throw new TrapException("the guest exited");
          };
      default -> refused(name);
    };
  }

  /// An interpreter takes a file that is not there for an answer, and anything else for a failure.
  private static WasmFunctionHandle refused(String name) {
    if (name.startsWith("path_")) {
      return (_, _) -> errno(NO_SUCH_FILE);
    }
    return name.startsWith("fd_")
        ? (_, args) -> errno(args[0] > 2 ? NO_SUCH_FILE : BAD_DESCRIPTOR)
        : (_, _) -> errno(NOT_SUPPORTED);
  }

  private static void require(String what, Capability capability) {
    if (!GuestCall.CURRENT.get().host().grants(capability)) {
      throw new TrapException(HostCalls.refusal(what, capability));
    }
  }

  private static long[] errno(long number) {
    return new long[] {number};
  }

  private static SnapshotMemory memory(Instance instance) {
    return (SnapshotMemory) instance.memory();
  }

  private static long[] nothingThere(Instance instance, long... args) {
    memory(instance).writeI32((int) args[0], 0);
    memory(instance).writeI32((int) args[1], 0);
    return errno(OK);
  }

  private static long[] time(Instance instance, long... args) {
    require("the clock", Capability.CLOCK);
    memory(instance).writeLong((int) args[2], HostCalls.now());
    return errno(OK);
  }

  private static long[] chance(Instance instance, long... args) {
    require("chance", Capability.RANDOM);
    int length = Math.clamp(args[1], 0, LONGEST_CHANCE);
    memory(instance).write((int) args[0], HostCalls.chance(length), 0, length);
    return errno(length == args[1] ? OK : INVALID);
  }

  private static long[] beginningOfTime(Instance instance, long... args) {
    memory(instance).writeLong((int) args[2], 0);
    return errno(OK);
  }

  private static long[] zeros(Instance instance, long... args) {
    memory(instance).fill((byte) 0, (int) args[0], (int) (args[0] + args[1]));
    return errno(OK);
  }

  private static long[] write(Instance instance, long... args) {
    GuestCall call = GuestCall.CURRENT.get();
    boolean toTools = args[0] == TOOLS && call.host().grantsTools();
    if (args[0] != 1 && args[0] != 2 && !toTools) {
      return errno(args[0] > 2 ? NO_SUCH_FILE : BAD_DESCRIPTOR);
    }
    SnapshotMemory memory = memory(instance);
    int total = 0;
    for (int i = 0; i < args[2]; i++) {
      int vector = (int) args[1] + 8 * i;
      int length = memory.readInt(vector + 4);
      total += length;
      int address = memory.readInt(vector);
      if (toTools) {
        call.toolPipe().write(memory, address, length);
      } else {
        call.printed(memory.readBytes(address, Math.clamp(length, 0, 4096)));
      }
    }
    memory.writeI32((int) args[3], total);
    return errno(OK);
  }

  /// Nothing can be read but what a tool has answered.
  private static long[] read(Instance instance, long... args) {
    GuestCall call = GuestCall.CURRENT.get();
    if (args[0] != TOOLS || !call.host().grantsTools()) {
      return errno(args[0] > 2 ? NO_SUCH_FILE : BAD_DESCRIPTOR);
    }
    SnapshotMemory memory = memory(instance);
    int vector = (int) args[1];
    byte[] bytes = call.toolPipe().read(args[2] < 1 ? 0 : Math.max(0, memory.readInt(vector + 4)));
    memory.write(memory.readInt(vector), bytes, 0, bytes.length);
    memory.writeI32((int) args[3], bytes.length);
    return errno(OK);
  }
}
