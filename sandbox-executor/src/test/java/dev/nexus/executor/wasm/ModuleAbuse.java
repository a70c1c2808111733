package dev.nexus.executor.wasm;

import static dev.nexus.executor.wasm.WasmWriter.DROP;
import static dev.nexus.executor.wasm.WasmWriter.END;
import static dev.nexus.executor.wasm.WasmWriter.bytes;
import static dev.nexus.executor.wasm.WasmWriter.call;
import static dev.nexus.executor.wasm.WasmWriter.i32;
import static dev.nexus.executor.wasm.WasmWriter.i64;
import static dev.nexus.executor.wasm.WasmWriter.load;
import static dev.nexus.executor.wasm.WasmWriter.parts;
import static dev.nexus.executor.wasm.WasmWriter.repeated;
import static dev.nexus.executor.wasm.WasmWriter.saying;
import static dev.nexus.executor.wasm.WasmWriter.store;
import static dev.nexus.executor.wasm.WasmWriter.u;

import dev.nexus.event.task.FailureClass;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/// What a module may try that means harm: by what it does, and by what it is.
enum ModuleAbuse {
  LOOP("an endless loop", () -> new WasmWriter().function(loop())),
  LOOP_BY_CONDITION(
      "an endless loop by a condition",
      () -> new WasmWriter().function(0x03, 0x40, i32(1), 0x0d, 0, END)),
  LOOP_BY_TABLE(
      "an endless loop by a table of branches",
      () -> new WasmWriter().function(0x03, 0x40, i32(0), 0x0e, 1, 0, 0, END)),
  LOOP_OF_CALLS(
      "an endless loop of calls of the host",
      () -> {
        var writer = new WasmWriter();
        int yielding = writer.wasi("sched_yield", 0);
        return writer.function(0x03, 0x40, call(yielding), DROP, 0x0c, 0, END);
      }),
  LOOP_OF_FILLING(
      "filling its memory without an end",
      () ->
          new WasmWriter()
              .section(5, bytes(0, u(1000)))
              .function(0x03, 0x40, i32(0), i32(1), i32(65_000_000), 0xfc, 11, 0, 0x0c, 0, END)),
  LOOP_OF_CHANCE(
      "asking for random bytes without an end",
      () -> {
        var writer = new WasmWriter().section(5, bytes(0, u(1000)));
        int random = writer.wasi("random_get", 2);
        return writer.function(
            0x03, 0x40, i32(0), i32(65_000_000), call(random), DROP, 0x0c, 0, END);
      }),
  START("a start function that loops", () -> starting(0, new WasmWriter(), loop())),
  TAIL_CALLS("tail calls without an end", () -> new WasmWriter().function(0x12, 0)),
  SLEEP(
      "waiting",
      () -> {
        var writer = new WasmWriter();
        int poll = writer.wasi("poll_oneoff", 4);
        return writer.function(i32(0), i32(64), i32(1), i32(8), call(poll), DROP, loop());
      }),

  MEMORY(
      "memory that grows",
      () ->
          new WasmWriter()
              .function(0x03, 0x40, i32(1), 0x40, 0, i32(-1), 0x47, 0x0d, 0, END, 0x00)),
  INITIAL_MEMORY(
      "a memory that is huge from the beginning",
      () -> new WasmWriter().section(5, bytes(0, u(65_536))).function()),
  INITIAL_MEMORY_OF_WHATEVER_SIZE(
      "a memory of more than there can be",
      () -> new WasmWriter().section(5, bytes(0, u(0xffffffffL))).function()),
  MEMORIES("many memories", () -> memories()),
  TABLE(
      "a huge table", () -> new WasmWriter().section(4, bytes(0x70, 0, u(10_000_000))).function()),
  GROWING_TABLE(
      "a table that grows",
      () ->
          new WasmWriter()
              .section(4, bytes(0x70, 0, 1))
              .function(
                  0x03, 0x40, 0xd0, 0x70, i32(1000), 0xfc, 15, 0, i32(-1), 0x47, 0x0d, 0, END,
                  0x00)),
  RECURSION("recursion without an end", () -> new WasmWriter().function(call(0))),
  RECURSION_WITH_LOCALS(
      "recursion with ten thousand locals",
      () -> new WasmWriter().functionWith(bytes(1, u(10_000), 0x7e), call(0))),
  RECURSION_WITH_OPERANDS(
      "recursion with a hundred thousand operands",
      () -> new WasmWriter().function(repeated(100_000, i32(1)), call(0), repeated(100_000, DROP))),

  UNREACHABLE("an instruction that is not to be reached", () -> new WasmWriter().function(0x00)),
  OUT_OF_BOUNDS(
      "reading beyond its memory",
      () -> new WasmWriter().function(i32(-1), 0x28, 2, u(0xffffffffL), DROP)),
  OUT_OF_BOUNDS_BY_HOST(
      "having the host write beyond its memory",
      () -> {
        var writer = new WasmWriter();
        int sizes = writer.wasi("args_sizes_get", 2);
        return writer.function(i32(-4), i32(-2), call(sizes), DROP);
      }),
  DATA_OUT_OF_BOUNDS(
      "data beyond its memory", () -> new WasmWriter().data(1 << 30, "x").function()),
  DIVISION("a division by zero", () -> new WasmWriter().function(i32(1), i32(0), 0x6d, DROP)),
  NO_FUNCTION(
      "calling what is no function",
      () -> new WasmWriter().section(4, bytes(0x70, 0, 1)).function(i32(0), 0x11, 0, 0)),

  FLOOD(
      "an output without an end",
      () -> {
        var writer = new WasmWriter();
        int write = writer.wasi("fd_write", 4);
        return writer.function(store(4, i32(1000)), 0x03, 0x40, parts(write, 1), 0x0c, 0, END);
      }),
  FLOOD_OF_LOGS(
      "a log without an end",
      () -> {
        var writer = new WasmWriter().section(5, bytes(0, u(1000)));
        int write = writer.wasi("fd_write", 4);
        return writer.function(
            store(4, i32(65_000_000)), 0x03, 0x40, parts(write, 2), 0x0c, 0, END);
      }),
  MANY_PARTS(
      "a write of millions of parts",
      () -> {
        var writer = new WasmWriter().section(5, bytes(0, u(1000)));
        int write = writer.wasi("fd_write", 4);
        return writer.function(i32(2), i32(0), i32(8_000_000), i32(8), call(write), DROP, 0x00);
      }),
  NO_OUTPUT("no output", () -> new WasmWriter().function()),
  NO_JSON("an output that is no JSON", () -> saying("{\"a\":")),
  TWO_VALUES("two outputs", () -> saying("1 2")),
  DEEP_JSON("a deeply nested output", () -> saying("[".repeat(5_000) + "]".repeat(5_000))),
  LONG_NUMBER("a number of a billion digits", () -> saying("1e999999999")),
  MANY_DIGITS(
      "numbers that are longer than they look", () -> saying("[" + "1e399,".repeat(1_000) + "1]")),
  NO_UTF8(
      "an output that is no UTF-8",
      () -> saying(1, bytes(0x22, 0xff, 0xfe, 0x22), new WasmWriter(), bytes())),
  EXIT("an exit code", () -> exiting(9)),
  EXIT_IN_START(
      "an exit code before its beginning",
      () -> {
        var writer = new WasmWriter();
        int exit = writer.exit();
        return starting(1, writer, bytes(i32(3), call(exit)));
      }),

  IMPORT("an import that is not there", () -> importing("env", "system")),
  IMPORT_OF_ANOTHER_WORLD(
      "an import of another world", () -> importing("wasi:sockets/tcp@0.2.0", "connect")),
  CLOCK(
      "the clock",
      () -> {
        var writer = new WasmWriter();
        int clock = writer.clock();
        return writer.function(i32(0), i64(1), i32(0), call(clock), DROP);
      }),
  ENVIRONMENT(
      "the environment",
      () -> {
        var writer = new WasmWriter();
        int environ = writer.wasi("environ_sizes_get", 2);
        return telling(writer, i32(16), i32(20), call(environ), DROP, load(16), 0x45);
      }),
  DESCRIPTORS(
      "writing to descriptors of the process",
      () -> {
        var writer = new WasmWriter();
        int write = writer.wasi("fd_write", 4);
        return telling(writer, i32(5), i32(0), i32(1), i32(8), call(write));
      }),
  FILE(
      "a file of the host",
      () -> {
        var writer = new WasmWriter();
        int open = writer.pathOpen();
        writer.data(64, "/etc/passwd");
        return telling(
            writer,
            bytes(i32(3), i32(0), i32(64), i32(11), i32(0)),
            bytes(i64(2), i64(0), i32(0), i32(8), call(open)));
      }),
  NETWORK(
      "the network",
      () -> {
        var writer = new WasmWriter();
        int accept = writer.wasi("sock_accept", 3);
        return telling(writer, i32(3), i32(0), i32(8), call(accept));
      }),
  SIGNAL(
      "a signal",
      () -> {
        var writer = new WasmWriter();
        int raise = writer.wasi("proc_raise", 1);
        return telling(writer, i32(9), call(raise));
      }),

  EMPTY("a module of eight bytes", () -> bytes(0, "asm", 1, 0, 0, 0)),
  CUT_OFF("a module that is cut off", () -> cut(WasmWriter.echo().module(), 20)),
  INVALID("code that is not valid", () -> new WasmWriter().function(0x6a)),
  COUNTS("counts of what is not there", () -> bytes(0, "asm", 1, 0, 0, 0, 1, 6, u(0xffffffffL), 0)),
  SECTION("a section that is longer than the module", () -> bytes(0, "asm", 1, 0, 0, 0, 1, u(99))),
  FUNCTIONS(
      "a hundred thousand functions",
      () -> {
        var writer = new WasmWriter();
        for (int i = 0; i < 100_000; i++) {
          writer.function();
        }
        return writer;
      }),
  LOCALS(
      "functions with more locals than memory has",
      () -> new WasmWriter().functionWith(bytes(1, u(0xffffffffL), 0x7f))),
  LOCALS_OF_ALL(
      "locals in all of its functions",
      () -> {
        var writer = new WasmWriter();
        for (int i = 0; i < 19_000; i++) {
          writer.functionWith(bytes(1, u(10_000), 0x7f));
        }
        return writer;
      }),
  NESTING(
      "blocks in each other",
      () -> new WasmWriter().function(repeated(200_000, 0x02, 0x40), repeated(200_000, END))),
  BRANCHES(
      "branches out of blocks in each other",
      () ->
          new WasmWriter()
              .function(
                  repeated(9_000, 0x02, 0x40),
                  i32(0),
                  bytes(0x0e, u(200_000), repeated(200_001, u(9_000))),
                  repeated(9_000, END))),
  INSTRUCTIONS(
      "as many instructions as fit",
      () -> new WasmWriter().function(repeated(220_000, i32(1), DROP), loop())),
  GLOBALS("many globals", () -> globals()),
  GC("objects of the host's heap", () -> new WasmWriter().function(i32(1 << 30), 0xfb, 7, 0, DROP)),
  THREADS("threads", () -> new WasmWriter().function(i32(0), i32(0), i64(-1), 0xfe, 1, 2, 0, DROP));

  private static final Set<ModuleAbuse> ENDLESS =
      EnumSet.of(
          LOOP,
          LOOP_BY_CONDITION,
          LOOP_BY_TABLE,
          LOOP_OF_CALLS,
          LOOP_OF_FILLING,
          LOOP_OF_CHANCE,
          START,
          SLEEP,
          FLOOD_OF_LOGS,
          INSTRUCTIONS);

  private final String words;
  private final Supplier<Object> source;

  /// @param source a writer, or bytes
  ModuleAbuse(String words, Supplier<Object> source) {
    this.words = words;
    this.source = source;
  }

  String words() {
    return words;
  }

  /// Whether nothing but its limit of time ends it.
  boolean isEndless() {
    return ENDLESS.contains(this);
  }

  /// What alone may come of it; empty where all that harms nobody may.
  Set<FailureClass> ends() {
    if (isEndless()) {
      return Set.of(FailureClass.TIMEOUT);
    }
    return switch (this) {
      case MEMORY, INITIAL_MEMORY -> Set.of(FailureClass.MEMORY);
      default -> Set.of();
    };
  }

  byte[] module() {
    return source.get() instanceof WasmWriter writer ? writer.module() : (byte[]) source.get();
  }

  private static byte[] loop() {
    return bytes(0x03, 0x40, 0x0c, 0, END);
  }

  /// @param first number of the function that is called before the beginning
  private static WasmWriter starting(int first, WasmWriter writer, byte[] body) {
    return writer.function(body).function().section(8, u(first));
  }

  /// Asks for something, and answers with 1 where that was refused, by a number that is not 0.
  private static WasmWriter telling(WasmWriter writer, Object... asking) {
    int write = writer.wasi("fd_write", 4);
    return writer.function(
        store(1024, bytes(bytes(asking), 0x45, 0x45, i32('0'), 0x6a)),
        store(0, i32(1024)),
        store(4, i32(1)),
        parts(write, 1));
  }

  private static WasmWriter exiting(int code) {
    var writer = new WasmWriter();
    int exit = writer.exit();
    return writer.function(i32(code), call(exit));
  }

  private static WasmWriter importing(String module, String name) {
    var writer = new WasmWriter();
    writer.imported(module, name, bytes(), bytes());
    return writer.function();
  }

  private static WasmWriter memories() {
    byte[][] all = new byte[1_000][];
    Arrays.fill(all, bytes(0, u(1_000)));
    return new WasmWriter().section(5, all).function();
  }

  private static WasmWriter globals() {
    byte[][] all = new byte[100_000][];
    Arrays.fill(all, bytes(0x7f, 1, i32(0), END));
    return new WasmWriter().section(6, all).function();
  }

  private static byte[] cut(byte[] module, int off) {
    return Arrays.copyOf(module, module.length - off);
  }
}
