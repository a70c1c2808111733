package dev.nexus.executor.wasm;

import dev.nexus.event.task.FailureClass;
import java.util.Set;

/// What of a module is looked at before the runtime reads it, as that believes its counts, holds
/// some hundred bytes for each of its own, and cannot be interrupted.
///
/// @param initialPages of its memory
/// @param maximumPages that it wants to have at most
record ModuleShape(int initialPages, int maximumPages) {
  static final int LARGEST = 1 << 20;

  private static final int MOST_TYPES = 10_000;
  private static final int MOST_PARAMETERS = 128;

  /// The runtime goes over those of its target for each branch.
  private static final int MOST_RESULTS = 16;

  private static final int MOST_IMPORTS = 200;
  private static final int MOST_FUNCTIONS = 20_000;
  private static final int MOST_GLOBALS = 1_000;
  private static final int MOST_EXPORTS = 10_000;
  private static final int MOST_TABLES = 4;
  private static final int MOST_ELEMENTS = 100_000;
  private static final int MOST_DATA = 20_000;
  private static final int FUNCREF = 0x70;
  private static final int HEAD = 8;

  /// Checks the bytes of a module; throws `ModuleException`.
  static ModuleShape of(byte[] module, Set<String> importable) {
    if (module.length > LARGEST) {
      throw new ModuleException(
          "a module of at most %d bytes expected, found %d", LARGEST, module.length);
    }
    var check = new Check(new ModuleReader(module), importable);
    check.sections();
    return new ModuleShape(check.initial, check.maximum);
  }

  private static final class Check {
    private final ModuleReader in;
    private final Set<String> importable;
    private final ModuleCode code;
    private int initial;
    private int maximum;
    private int elements;
    private boolean starts;

    Check(ModuleReader in, Set<String> importable) {
      this.in = in;
      this.importable = importable;
      this.code = new ModuleCode(in);
    }

    void sections() {
      in.skip(HEAD);
      while (in.left() > 0) {
        int id = in.octet();
        int size = in.number();
        if (size > in.left()) {
          throw new ModuleException("a section of %d bytes expected, found %d", size, in.left());
        }
        int end = in.at() + size;
        section(id, size);
        if (in.at() != end) {
          throw new ModuleException("section %d ends at %d, not at %d", id, in.at(), end);
        }
      }
      if (!starts) {
        throw new ModuleException(
            "a WASI command expected, which exports the function _start, found none");
      }
    }

    private void section(int id, int size) {
      switch (id) {
        case 0 -> in.skip(size); // names and what debuggers want
        case 1 -> each("types", MOST_TYPES, this::type);
        case 2 -> each("imports", MOST_IMPORTS, this::imported);
        case 3 -> each("functions", MOST_FUNCTIONS, in::number);
        case 4 -> each("tables", MOST_TABLES, this::table);
        case 5 -> each("memories", 1, this::memory);
        case 6 -> each("globals", MOST_GLOBALS, this::global);
        case 7 -> each("exports", MOST_EXPORTS, this::exported);
        case 8, 12 -> in.number(); // the start function, the count of data
        case 9 -> each("lists of elements", MOST_ELEMENTS, this::element);
        case 10 -> each("functions", MOST_FUNCTIONS, code::function);
        case 11 -> each("pieces of data", MOST_DATA, this::data);
        default -> throw new ModuleException("section %d is not supported", id);
      }
    }

    private void each(String what, int most, Runnable one) {
      int count = in.count(what, most);
      for (int i = 0; i < count; i++) {
        one.run();
      }
    }

    private void type() {
      int form = in.octet();
      if (form != 0x60) {
        throw new ModuleException("types of functions expected, found 0x%x (GC)", form);
      }
      each("parameters", MOST_PARAMETERS, code::valueType);
      each("results", MOST_RESULTS, code::valueType);
    }

    private void imported() {
      String module = in.name();
      String name = in.name();
      if (in.octet() != 0 || !module.equals(SealedWasi.WASI) || !importable.contains(name)) {
        throw new ModuleException(
            FailureClass.PERMISSION,
            "functions of "
                + SealedWasi.WASI
                + " expected, found the import "
                + module
                + "."
                + name);
      }
      in.number();
    }

    private void table() {
      int type = in.octet();
      if (type != FUNCREF) {
        throw new ModuleException("tables of functions expected, found 0x%x", type);
      }
      int limits = in.octet();
      int least = in.number();
      if (limits == 1) {
        in.number();
      }
      if (limits > 1 || least > BoundedTables.MOST_ENTRIES) {
        throw new ModuleException(
            "a table of at most %d places expected, found %d", BoundedTables.MOST_ENTRIES, least);
      }
    }

    private void memory() {
      int limits = in.octet();
      if (limits > 1) {
        throw new ModuleException("one memory of 32 bits that is not shared expected");
      }
      initial = in.number();
      maximum = limits == 1 ? in.number() : Integer.MAX_VALUE;
    }

    private void global() {
      code.valueType();
      in.octet();
      code.constant();
    }

    private void exported() {
      String name = in.name();
      int kind = in.octet();
      in.number();
      starts |= kind == 0 && name.equals("_start");
    }

    /// The form is told by three bits: not active, of a table that is named or declared only, and
    /// given as expressions.
    private void element() {
      int form = in.number();
      if (form > 7) {
        throw new ModuleException("elements of form 0 to 7 expected, found %d", form);
      }
      if ((form & 1) == 0) {
        if ((form & 2) != 0) {
          in.number();
        }
        code.constant();
      }
      if ((form & 3) != 0) {
        int kind = in.octet();
        if (kind != ((form & 4) == 0 ? 0 : FUNCREF)) {
          throw new ModuleException("elements that are functions expected, found 0x%x", kind);
        }
      }
      int count = in.count("elements", MOST_ELEMENTS - elements);
      elements += count;
      for (int i = 0; i < count; i++) {
        if ((form & 4) == 0) {
          in.number();
        } else {
          code.constant();
        }
      }
    }

    private void data() {
      int mode = in.number();
      if (mode == 2) {
        in.number();
      }
      if (mode == 1 || code.constant() != ModuleCode.I32_CONST) {
        throw new ModuleException(
            "data that has its place in memory expected: build without shared memory");
      }
      in.skip(in.count("bytes of data", LARGEST));
    }
  }
}
