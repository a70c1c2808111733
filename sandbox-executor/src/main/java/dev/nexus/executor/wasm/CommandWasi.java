package dev.nexus.executor.wasm;

import dev.nexus.event.NameIds;
import dev.nexus.event.definition.Capability;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.WasmFunctionHandle;
import run.endive.wasi.WasiPreview1;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.FunctionType;

/// WASI as one call of a module has it: its input to read, its output and its log to write, and
/// how it ended. Everything else is answered as by `SealedWasi`. Unless chance is granted, it is
/// made of the input, as libraries want some at their start: the same input has the same.
final class CommandWasi {
  private static final Map<String, FunctionType> SIGNATURES = signatures();
  private static final byte[] PROGRAM = "handle\0".getBytes(StandardCharsets.US_ASCII);
  private static final long OK = 0;
  private static final long BAD_DESCRIPTOR = 8;
  private static final long INVALID = 28;
  private static final long NO_SEEKING = 70;

  /// Of which one call of WASI takes as many: a list of millions is one that nothing interrupts.
  private static final int MOST_PARTS = 1024;

  /// A write is copied in pieces, so that a huge one does not double the memory of its module.
  private static final int PIECE = 1 << 16;

  /// Why the module did not come to its end.
  sealed interface Stop {
    record Exit(int code) implements Stop {}

    record Oversized() implements Stop {}

    /// It asked for what it may not have.
    record Refused(String words) implements Stop {}
  }

  private final byte[] input;
  private final int outputLimit;
  private final SnapshotMemory memory;
  private final HostCalls host;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final LastPrinted printed = new LastPrinted();
  private int read;
  private long chance;
  private boolean seeded;
  private @Nullable Stop stop;

  CommandWasi(byte[] input, int outputLimit, SnapshotMemory memory, HostCalls host) {
    this.host = host;
    this.input = input;
    this.outputLimit = outputLimit;
    this.memory = memory;
  }

  private static Map<String, FunctionType> signatures() {
    try (WasiPreview1 wasi = WasiPreview1.builder().build()) {
      Map<String, FunctionType> types = new HashMap<>();
      for (HostFunction function : wasi.toHostFunctions()) {
        types.put(function.name(), function.functionType());
      }
      return types;
    }
  }

  /// What a module may import.
  static Set<String> names() {
    return SIGNATURES.keySet();
  }

  /// The functions with these names. A module that takes one to be of another type is not linked.
  ImportValues imports(List<String> names) {
    return ImportValues.builder()
        .withFunctions(names.stream().distinct().map(this::function).toList())
        .build();
  }

  private ImportFunction function(String name) {
    FunctionType type = SIGNATURES.get(name);
    if (type == null) {
      throw new IllegalArgumentException("a function of WASI expected, found " + name);
    }
    return new HostFunction(SealedWasi.WASI, name, type, handle(name));
  }

  private WasmFunctionHandle handle(String name) {
    return switch (name) {
      case "args_sizes_get" -> (_, args) -> two(args, 1, PROGRAM.length);
      case "args_get" -> (_, args) -> arguments(args);
      case "environ_sizes_get" -> (_, args) -> two(args, 0, 0);
      case "clock_time_get" -> (_, args) -> time((int) args[2]);
      case "random_get" -> (_, args) -> random((int) args[0], (int) args[1]);
      case "fd_read" -> (_, args) -> read(args);
      case "fd_write" -> (_, args) -> write(args);
      case "fd_close" -> (_, args) -> errno(isStandard(args[0]) ? OK : BAD_DESCRIPTOR);
      case "fd_seek", "fd_tell" ->
          (_, args) -> errno(isStandard(args[0]) ? NO_SEEKING : BAD_DESCRIPTOR);
      case "fd_fdstat_get" -> (_, args) -> status(args);
      case "proc_exit" -> (_, args) -> stopped(new Stop.Exit((int) args[0]));
      default -> SealedWasi.handle(name, SealedWasi.Chance.AS_GRANTED);
    };
  }

  private long[] time(int address) {
    if (!host.grants(Capability.CLOCK)) {
      return refused(HostCalls.unavailable("the clock", Capability.CLOCK));
    }
    memory.writeLong(address, HostCalls.now());
    return errno(OK);
  }

  private long[] refused(String words) {
    return stopped(new Stop.Refused(words));
  }

  private long[] stopped(Stop why) {
    stop = why;
    throw new WasmEngineException("the module was ended");
  }

  private static boolean isStandard(long descriptor) {
    return descriptor >= 0 && descriptor <= 2;
  }

  private static long[] errno(long number) {
    return new long[] {number};
  }

  private long[] two(long[] args, int first, int second) {
    memory.writeI32((int) args[0], first);
    memory.writeI32((int) args[1], second);
    return errno(OK);
  }

  private long[] arguments(long[] args) {
    memory.writeI32((int) args[0], (int) args[1]);
    memory.write((int) args[1], PROGRAM, 0, PROGRAM.length);
    return errno(OK);
  }

  /// Of no kind that is known, as pipes are, with the right to read or to write.
  private long[] status(long[] args) {
    if (!isStandard(args[0])) {
      return errno(BAD_DESCRIPTOR);
    }
    memory.write((int) args[1], new byte[24], 0, 24);
    memory.writeLong((int) args[1] + 8, args[0] == 0 ? 1L << 1 : 1L << 6);
    return errno(OK);
  }

  private long[] read(long[] args) {
    if (args[0] != 0) {
      return errno(BAD_DESCRIPTOR);
    }
    if (args[2] < 0 || args[2] > MOST_PARTS) {
      return errno(INVALID);
    }
    int before = read;
    for (int i = 0; i < args[2]; i++) {
      int part = (int) args[1] + 8 * i;
      int length = memory.readInt(part + 4);
      int taken = length < 0 ? input.length - read : Math.min(length, input.length - read);
      memory.write(memory.readInt(part), input, read, taken);
      read += taken;
    }
    memory.writeI32((int) args[3], read - before);
    return errno(OK);
  }

  private long[] write(long[] args) {
    if (args[0] != 1 && args[0] != 2) {
      return errno(BAD_DESCRIPTOR);
    }
    if (args[2] < 0 || args[2] > MOST_PARTS) {
      return errno(INVALID);
    }
    int total = 0;
    for (int i = 0; i < args[2]; i++) {
      int part = (int) args[1] + 8 * i;
      int address = memory.readInt(part);
      int length = memory.readInt(part + 4);
      if (args[0] == 1) {
        answered(address, length);
      } else {
        printed.add(address, length, memory);
      }
      total += length;
    }
    memory.writeI32((int) args[3], total);
    return errno(OK);
  }

  private void answered(int address, int length) {
    if (length < 0 || length > outputLimit - output.size()) {
      stopped(new Stop.Oversized());
    }
    for (int done = 0; done < length; done += PIECE) {
      output.writeBytes(memory.readBytes(address + done, Math.min(PIECE, length - done)));
    }
  }

  /// Numbers as of SplitMix64, which is written down here because they must stay what they are.
  private long[] random(int address, int length) {
    if (host.grants(Capability.RANDOM)) {
      for (int done = 0; done < length; done += PIECE) {
        int piece = Math.min(PIECE, length - done);
        memory.write(address + done, HostCalls.chance(piece), 0, piece);
      }
      return errno(OK);
    }
    if (!seeded) {
      seeded = true;
      chance = Long.parseUnsignedLong(NameIds.sha256(input).substring(0, 16), 16);
    }
    byte[] bytes = new byte[PIECE];
    for (int done = 0; done < length; done += PIECE) {
      int piece = Math.min(PIECE, length - done);
      for (int i = 0; i < piece; i += Long.BYTES) {
        long next = next();
        for (int j = i; j < Math.min(piece, i + Long.BYTES); j++) {
          bytes[j] = (byte) next;
          next >>>= Byte.SIZE;
        }
      }
      memory.write(address + done, bytes, 0, piece);
    }
    return errno(OK);
  }

  private long next() {
    chance += 0x9e3779b97f4a7c15L;
    long mixed = (chance ^ chance >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  Optional<Stop> stop() {
    return Optional.ofNullable(stop);
  }

  byte[] output() {
    return output.toByteArray();
  }

  String printed() {
    return printed.text();
  }

  /// The end of what a module wrote to its log, as what went wrong stands there.
  private static final class LastPrinted {
    private static final int KEPT = 8192;

    private byte[] bytes = new byte[0];

    void add(int address, int length, SnapshotMemory memory) {
      int last = length < 0 ? KEPT : Math.min(length, KEPT);
      byte[] more = memory.readBytes(address + length - last, last);
      int kept = Math.min(bytes.length, KEPT - last);
      byte[] joined = Arrays.copyOfRange(bytes, bytes.length - kept, bytes.length + last);
      System.arraycopy(more, 0, joined, kept, last);
      bytes = joined;
    }

    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
