package dev.nexus.executor.wasm;

import org.jspecify.annotations.Nullable;
import run.endive.runtime.Instance;
import run.endive.runtime.TableInstance;
import run.endive.runtime.TrapException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.ExportSection;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;
import run.endive.wasm.types.Value;

/// The functions that a language calls by number, in one table for all its instances: to fill it
/// for each is the larger part of making one. None can write into it, so none finds there what
/// another one left. A place names no instance, so a call of it stays in the instance that calls.
final class FixedTable extends TableInstance {

  /// @param filled by an instance of the module as it is
  FixedTable(TableInstance filled) {
    super(
        new Table(filled.elementType(), new TableLimits(filled.size(), filled.size())),
        Value.REF_NULL_VALUE);
    for (int i = 0; i < filled.size(); i++) {
      super.setRef(i, filled.ref(i), null);
    }
  }

  /// A compiled module without what its tables and its memory are filled with, and without the
  /// functions that it was compiled from: each instance takes copies of all that. Its functions are
  /// called by their numbers.
  static WasmModule bare(WasmModule module) {
    var builder =
        WasmModule.builder()
            .setTypeSection(module.typeSection())
            .setImportSection(module.importSection())
            .setTableSection(module.tableSection())
            .setGlobalSection(module.globalSection())
            .withValidation(false);
    module.memorySection().ifPresent(builder::setMemorySection);
    return builder.build();
  }

  /// The number of a function that a module exports.
  static int function(WasmModule module, String name) {
    ExportSection exports = module.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      if (exports.getExport(i).name().equals(name)) {
        return exports.getExport(i).index();
      }
    }
    throw new IllegalStateException("the module does not export " + name);
  }

  @Override
  public void setRef(int index, int value, @Nullable Instance instance) {
    throw fixed();
  }

  @Override
  public void setObjRef(int index, @Nullable Object ref, @Nullable Instance instance) {
    throw fixed();
  }

  @Override
  public int grow(int size, int value, @Nullable Instance instance) {
    throw fixed();
  }

  @Override
  public int growWithRef(int size, @Nullable Object ref, @Nullable Instance instance) {
    throw fixed();
  }

  @Override
  public void reset() {
    throw fixed();
  }

  private static TrapException fixed() {
    return new TrapException("the table of a language is the same for all its calls");
  }
}
