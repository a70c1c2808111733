package dev.nexus.executor.wasm;

import run.endive.runtime.TableFactory;
import run.endive.runtime.TableInstance;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;

/// Tables of one call. The runtime writes what a table has grown to into its definition, which all
/// calls of a module share, so each call gets definitions of its own.
final class BoundedTables {
  static final int MOST_ENTRIES = 100_000;

  private BoundedTables() {}

  static TableFactory factory() {
    return (table, value) -> {
      TableLimits limits = table.limits();
      return new TableInstance(
          new Table(
              table.elementType(),
              new TableLimits(limits.min(), Math.min(limits.max(), MOST_ENTRIES))),
          value);
    };
  }
}
