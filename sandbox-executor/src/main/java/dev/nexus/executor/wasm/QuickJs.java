package dev.nexus.executor.wasm;

import dev.nexus.event.definition.Capability;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.pool.Alarm;
import io.roastedroot.quickjs4j.core.JavyPluginModule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.TableInstance;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ImportSection;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;
import run.endive.wasm.types.ValType;

/// JavaScript: QuickJS as quickjs4j compiles it, driven by its exports.
final class QuickJs implements Engine {
  private static final ImportValues IMPORTS = imports();
  private static final Pattern GUEST_ERROR =
      Pattern.compile("(\\w*Error: [^\\n]*)(?:\\n\\s+at [^\\n]*\\.mjs:(\\d+):(\\d+))?");
  private static final Pattern HINT = Pattern.compile("\\s*note: run with .*", Pattern.DOTALL);
  private static final Duration PROBE = Duration.ofSeconds(10);
  private static final String LOADED =
      "\n;globalThis.__nexus.define(typeof handle === 'function' ? handle : undefined);";

  /// The module that `INTERRUPT_HANDLER` was found in: SHA-256 of what its machine was made of.
  private static final String MODULE =
      "34e6de54db2167423640a591e53f43398d4f6825990313f0d5cfea1c4ed0205c";

  /// Where the runtime of that module has the function that it asks every 10,000 jumps and calls
  /// whether to go on, as an index of its table, which has one place more for it here.
  private static final int INTERRUPT_HANDLER = 1_184_480 + 184;

  private static final int PLACE = 854;

  /// What a guest is told whose result may have been something that is no JSON.
  private static final byte[] LOOK_AGAIN = {'?'};

  /// A function of its type that the module imports and has no other use for.
  private static final String HANDLER = "environ_get";

  private static final int HANDLER_INDEX = index(HANDLER);

  /// Address and length of bytecode in guest memory.
  private record Bytecode(int address, int length) {}

  private record Ready(MemorySnapshot snapshot, Bytecode run) implements Started {
    @Override
    public Running guest(MemorySnapshot from, int maximumPages, ArrayDeque<byte[]> spare) {
      var guest = new Running(SnapshotMemory.of(from, maximumPages, spare), run);
      guest.instance.global(0).setValue(from.stackPointer());
      return guest;
    }
  }

  @Override
  public Started start(int maximumPages) {
    int initial =
        JavyPluginModule.load().memorySection().orElseThrow().getMemory(0).limits().initialPages();
    var guest = new Running(SnapshotMemory.empty(initial, maximumPages), new Bytecode(0, 0));
    guest.instance.export("initialize_runtime").apply();
    guest.memory.writeI32(INTERRUPT_HANDLER, PLACE);
    guest.evaluate(guest.compile(Prelude.text("prelude.js")));
    Bytecode run = guest.compile("globalThis.__nexus.run();");
    var ready = new Ready(guest.freeze(), run);
    probe(ready, maximumPages);
    return ready;
  }

  /// Whether code is counted: with another module the count would be written into something else.
  private static void probe(Ready ready, int maximumPages) {
    var call = new GuestCall(new byte[0], 0, 3 * GuestCall.STEPS_A_POLL);
    var guest = ready.guest(ready.snapshot(), maximumPages, new ArrayDeque<>());
    Alarm alarm = Alarm.after(PROBE);
    try {
      ScopedValue.where(GuestCall.CURRENT, call)
          .run(() -> guest.evaluate(guest.compile("for(;;);")));
    } catch (WasmEngineException e) {
      if (!alarm.end() && call.isExhausted()) {
        return;
      }
    } finally {
      alarm.end();
    }
    throw new IllegalStateException("QuickJS does not count what code does: another version?");
  }

  /// The guest's own words without the engine's: a panic prints where in the engine it happened.
  @Override
  public String words(String noise, Throwable trap) {
    Matcher error = GUEST_ERROR.matcher(noise);
    if (error.find()) {
      return error.group(2) == null
          ? error.group(1)
          : error.group(1) + " (line " + error.group(2) + ", column " + error.group(3) + ")";
    }
    return noise.isBlank()
        ? String.valueOf(trap.getMessage())
        : HINT.matcher(noise).replaceAll("").strip();
  }

  private static final class Running implements Guest {
    private final Instance instance;
    private final SnapshotMemory memory;
    private final Bytecode run;

    Running(SnapshotMemory memory, Bytecode run) {
      this.memory = memory;
      this.run = run;
      this.instance =
          Instance.builder(JavyPluginModule.load())
              .withMachineFactory(JavyPluginModule::create)
              .withMemoryFactory(_ -> memory)
              .withTableFactory(
                  (table, value) ->
                      new TableInstance(
                          new Table(table.elementType(), new TableLimits(PLACE + 1, PLACE + 1)),
                          value))
              .withImportValues(IMPORTS)
              .build();
      instance.table(0).setRef(PLACE, HANDLER_INDEX, instance);
    }

    /// Compiles an ES module; traps when it does not parse.
    Bytecode compile(String source) {
      byte[] text = source.getBytes(StandardCharsets.UTF_8);
      int address = allocate(instance, Math.max(1, text.length));
      memory.write(address, text, 0, text.length);
      int pair = (int) instance.export("compileSrc").apply(address, text.length)[0];
      return new Bytecode(memory.readInt(pair), memory.readInt(pair + 4));
    }

    /// Evaluates a module and the promise jobs it leaves; traps when it throws.
    void evaluate(Bytecode code) {
      instance.export("eval").apply(code.address(), code.length(), 0, 0);
    }

    @Override
    public void load(String source) {
      evaluate(compile(source + LOADED));
    }

    @Override
    public void call() {
      evaluate(run);
    }

    @Override
    public MemorySnapshot freeze() {
      return memory.freeze(instance.global(0).getValue());
    }

    @Override
    public void recycle(int most) {
      memory.recycle(most);
    }
  }

  private static ImportValues imports() {
    PinnedModule.check("QuickJS", JavyPluginModule.class, "JavyPluginModule.meta", MODULE);
    ValType i32 = ValType.I32;
    List<ImportFunction> functions =
        new ArrayList<>(SealedWasi.of(JavyPluginModule.load(), SealedWasi.Chance.NOTHING));
    functions.replaceAll(
        function ->
            function.name().equals(HANDLER)
                ? new HostFunction(
                    function.module(),
                    HANDLER,
                    function.functionType(),
                    (_, _) -> new long[] {GuestCall.CURRENT.get().goesOn() ? 0 : 1})
                : function);
    functions.add(
        new HostFunction(
            "endive",
            "invoke",
            FunctionType.of(List.of(i32, i32, i32, i32, i32, i32), List.of(i32)),
            QuickJs::invoke));
    return ImportValues.builder().withFunctions(functions).build();
  }

  private static int index(String name) {
    ImportSection section = JavyPluginModule.load().importSection();
    int index = 0;
    for (int i = 0; i < section.importCount(); i++) {
      if (section.getImport(i) instanceof FunctionImport function) {
        if (function.name().equals(name)) {
          return index;
        }
        index++;
      }
    }
    throw new IllegalStateException("QuickJS does not import " + name);
  }

  /// The guest's one door: it asks for its input, or says what came of it.
  private static long[] invoke(Instance instance, long... args) {
    SnapshotMemory memory = (SnapshotMemory) instance.memory();
    String name =
        new String(
            memory.readBytes((int) args[0], Math.clamp(args[1], 0, 64)), StandardCharsets.UTF_8);
    GuestCall call = GuestCall.CURRENT.get();
    byte[] answer = new byte[0];
    switch (name) {
      case "input" -> answer = call.input();
      case "tool" ->
          answer = call.tool(text(memory, args[2], args[3]), text(memory, args[4], args[5]));
      case "clock" -> answer = granted(call, Capability.CLOCK, QuickJs::milliseconds);
      case "random" -> answer = granted(call, Capability.RANDOM, QuickJs::seed);
      case "result" -> {
        call.answer(GuestCall.Kind.RESULT, memory, (int) args[4], (int) args[5]);
        answer = mayBeNoJson(call.text()) ? LOOK_AGAIN : answer;
      }
      case "invalid" -> call.answer(GuestCall.Kind.INVALID, memory, (int) args[4], (int) args[5]);
      case "deopt" -> call.answer(GuestCall.Kind.DEOPT, memory, (int) args[4], (int) args[5]);
      default -> call.answer(GuestCall.Kind.ERROR, memory, (int) args[4], (int) args[5]);
    }
    int text = allocate(instance, Math.max(1, answer.length));
    memory.write(text, answer, 0, answer.length);
    int pair = allocate(instance, 8);
    memory.writeI32(pair, text);
    memory.writeI32(pair + 4, answer.length);
    return new long[] {pair};
  }

  /// A null may stand for what has no text, and this escape for half of a pair.
  private static boolean mayBeNoJson(String text) {
    return text.contains("null") || text.contains("\\ud");
  }

  private static String text(SnapshotMemory memory, long address, long length) {
    byte[] bytes =
        memory.readBytes((int) address, Math.clamp(length, 0, Tools.LARGEST_MESSAGE + 1));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// What was asked for; nothing where it is not granted.
  private static byte[] granted(GuestCall call, Capability capability, Supplier<String> value) {
    String given = call.host().grants(capability) ? value.get() : "";
    return given.getBytes(StandardCharsets.US_ASCII);
  }

  private static String milliseconds() {
    return Long.toString(HostCalls.now() / 1_000_000);
  }

  /// Four numbers of 32 bits, hexadecimal.
  private static String seed() {
    return HexFormat.of().formatHex(HostCalls.chance(16));
  }

  /// Memory of the guest's own allocator.
  private static int allocate(Instance instance, int bytes) {
    return (int) instance.export("cabi_realloc").apply(0, 0, 1, bytes)[0];
  }
}
