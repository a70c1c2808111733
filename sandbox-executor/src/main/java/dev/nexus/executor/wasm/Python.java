package dev.nexus.executor.wasm;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.nexus.executor.wasm.GuestCall.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.wasi.WasiOptions;
import run.endive.wasi.WasiPreview1;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/// Python: CPython as trino-wasm-python compiles it, driven by its exports. It finds its prelude in
/// a file system that ends with its start; guests have none.
final class Python implements Engine {
  static final String PRELUDE = "guest.py";

  /// SHA-256 of what the machine of the module is made of.
  private static final String MODULE =
      "1ad45671f6ef683c027a6773bad2f3bf7af7b7aa63c93d00dcddafa2fecf2257";

  private static final String DIRECTORY = "/guest";
  private static final ImportValues SEALED =
      imports(SealedWasi.of(module(), SealedWasi.Chance.AS_GRANTED));

  /// Numbers of the module's types: what the prelude's function takes are two texts, what it gives
  /// is one. A text is told by whether it is there, its length and its UTF-8.
  private static final int ROW = 0;

  private static final int VARCHAR = 11;

  private record Ready(MemorySnapshot snapshot) implements Started {
    @Override
    public Guest guest(MemorySnapshot from, int maximumPages, ArrayDeque<byte[]> spare) {
      var guest = new Running(SnapshotMemory.of(from, maximumPages, spare), SEALED);
      guest.instance.global(0).setValue(from.stackPointer());
      return guest;
    }
  }

  private static WasmModule module() {
    return io.trino.wasm.python.Python.load();
  }

  @Override
  public Started start(int maximumPages) {
    PinnedModule.check("Python", io.trino.wasm.python.Python.class, "Python.meta", MODULE);
    return new Ready(PythonSnapshot.made().orElseGet(() -> begun(maximumPages)));
  }

  /// As it is behind its prelude.
  static MemorySnapshot begun(int maximumPages) {
    int initial = module().memorySection().orElseThrow().getMemory(0).limits().initialPages();
    try (FileSystem files =
            Jimfs.newFileSystem(
                Configuration.unix().toBuilder()
                    .setAttributeViews("unix")
                    .setFileTimeSource(() -> FileTime.from(Instant.EPOCH))
                    .build());
        WasiPreview1 wasi =
            WasiPreview1.builder()
                .withOptions(
                    WasiOptions.builder()
                        .withDirectory(DIRECTORY, withPrelude(files))
                        .withRandom(new Random(0)) // so that it is the same wherever it starts
                        .withClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                        .build())
                .build()) {
      var guest =
          new Running(
              SnapshotMemory.empty(initial, maximumPages),
              imports(Arrays.asList(wasi.toHostFunctions())));
      guest.setUp();
      return guest.freeze();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path withPrelude(FileSystem files) throws IOException {
    Path directory = files.getPath(DIRECTORY);
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(PRELUDE), Prelude.text(PRELUDE));
    return directory;
  }

  @Override
  public String words(String noise, Throwable trap) {
    String last = noise.strip().lines().reduce("", (_, line) -> line);
    return last.isEmpty() ? String.valueOf(trap.getMessage()) : last;
  }

  private static ImportValues imports(List<? extends ImportFunction> wasi) {
    ValType i32 = ValType.I32;
    List<ImportFunction> functions = new ArrayList<>(wasi);
    functions.add(
        new HostFunction(
            "trino",
            "return_error",
            FunctionType.of(List.of(i32, i32, i32, i32, i32), List.of()),
            Python::failed));
    return ImportValues.builder().withFunctions(functions).build();
  }

  /// Called with a number, address and length of a message, and those of a traceback.
  private static long[] failed(Instance instance, long... args) {
    GuestCall.CURRENT
        .get()
        .answer(Kind.ERROR, (SnapshotMemory) instance.memory(), (int) args[1], (int) args[2]);
    return new long[0];
  }

  private static final class Running implements Guest {
    private final Instance instance;
    private final SnapshotMemory memory;

    Running(SnapshotMemory memory, ImportValues imports) {
      this.memory = memory;
      this.instance =
          Instance.builder(module())
              .withMachineFactory(io.trino.wasm.python.Python::create)
              .withMemoryFactory(_ -> memory)
              .withImportValues(imports)
              .withStart(false)
              .build();
    }

    void setUp() {
      int name = written("run\0".getBytes(StandardCharsets.US_ASCII));
      int takes = written(ints(ROW, 2, VARCHAR, VARCHAR));
      int gives = written(ints(VARCHAR));
      instance.export("setup").apply(name, takes, gives);
    }

    @Override
    public void load(String source) {
      run("load", source.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void call() {
      GuestCall call = GuestCall.CURRENT.get();
      run("call " + call.host().granted(), call.input());
    }

    private void run(String what, byte[] text) {
      byte[] kind = what.getBytes(StandardCharsets.US_ASCII);
      ByteBuffer row = buffer(1 + 5 + kind.length + 5 + text.length);
      row.put((byte) 1);
      row.put((byte) 1).putInt(kind.length).put(kind);
      row.put((byte) 1).putInt(text.length).put(text);
      int result = (int) instance.export("execute").apply(written(row.array()))[0];
      if (result != 0) {
        tell(result);
      }
    }

    /// The size of what follows, whether the text is there, its length, and of its bytes first the
    /// one that says what it is.
    private void tell(int result) {
      int length = memory.readInt(result + 5) - 1;
      int text = result + 10;
      GuestCall call = GuestCall.CURRENT.get();
      switch (memory.read(result + 9)) {
        case 'R' -> call.answer(Kind.RESULT, memory, text, length);
        case 'D' -> call.answer(Kind.DEOPT, memory, text, length);
        case 'I' -> call.answer(Kind.INVALID, memory, text, length);
        case 'E' -> call.answer(Kind.ERROR, memory, text, length);
        default -> {} // loaded
      }
    }

    private int written(byte[] bytes) {
      int address = (int) instance.export("allocate").apply(bytes.length)[0];
      memory.write(address, bytes, 0, bytes.length);
      return address;
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

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] ints(int... values) {
    ByteBuffer buffer = buffer(4 * values.length);
    for (int value : values) {
      buffer.putInt(value);
    }
    return buffer.array();
  }
}
