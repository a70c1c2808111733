package dev.nexus.executor.wasm;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.IntStream;
import run.endive.runtime.Instance;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.ActiveDataSegment;
import run.endive.wasm.types.DataSegment;
import run.endive.wasm.types.SectionId;

/// A module that was read and found valid. Calls share it and write nothing into it.
///
/// @param imports names of the functions of WASI that it wants
/// @param memory as its data says, before any of its code has run
/// @param bytes that it keeps of the heap, about
record Command(
    WasmModule module, ModuleShape shape, List<String> imports, MemorySnapshot memory, long bytes) {
  private static final int LARGEST_MEMORY = 1 << 16;

  /// What the runtime keeps for each byte of a module: 30 to 60 were measured, and 100 for tables.
  private static final int KEPT_FOR_A_BYTE = 64;

  /// Throws `ModuleException`.
  static Command of(byte[] bytes) {
    ModuleShape shape = ModuleShape.of(bytes, CommandWasi.names());
    if (shape.initialPages() > LARGEST_MEMORY) {
      throw new ModuleException("a memory of at most 4 GiB expected");
    }
    try {
      WasmModule module = parser().parse(() -> new ByteArrayInputStream(bytes));
      List<String> imports =
          IntStream.range(0, module.importSection().importCount())
              .mapToObj(i -> module.importSection().getImport(i).name())
              .toList();
      MemorySnapshot memory = image(module, shape.initialPages());
      long kept = memory.ownBytes() + (long) bytes.length * KEPT_FOR_A_BYTE;
      return new Command(module, shape, imports, memory, kept);
    } catch (RuntimeException | StackOverflowError e) { // the parser says that it may be any
      throw new ModuleException("not a valid module: %s", String.valueOf(e.getMessage()));
    }
  }

  /// Names and what debuggers want are left out: they can be the larger part.
  private static Parser parser() {
    var builder = Parser.builder();
    for (int section = SectionId.TYPE; section <= SectionId.DATA_COUNT; section++) {
      builder.includeSectionId(section);
    }
    return builder.build();
  }

  private static MemorySnapshot image(WasmModule module, int pages) {
    var memory = SnapshotMemory.empty(pages, pages);
    for (DataSegment segment : module.dataSection().dataSegments()) {
      if (segment instanceof ActiveDataSegment active) {
        int offset = (int) active.offsetInstructions().getFirst().operand(0);
        memory.write(offset, active.data(), 0, active.data().length);
      }
    }
    return memory.freeze(0);
  }

  /// Runs it from its beginning to its end.
  void run(CommandWasi wasi, SnapshotMemory own) {
    try {
      Instance.builder(module)
          .withMachineFactory(BoundedMachine::new)
          .withMemoryFactory(_ -> own)
          .withTableFactory(BoundedTables.factory())
          .withImportValues(wasi.imports(imports))
          .withStart(false)
          .build()
          .export(Instance.START_FUNCTION_NAME)
          .apply();
    } catch (WasmEngineException e) {
      throw e;
    } catch (RuntimeException e) { // of the interpreter, which a module can bring to anything
      throw new WasmEngineException(String.valueOf(e.getMessage()), e);
    }
  }
}
