package dev.nexus.executor.wasm;

/// The functions of a module: their instructions are those of WebAssembly 1.0 and what compilers
/// take for granted since, which are the ones that the interpreter runs and can be interrupted in.
final class ModuleCode {
  static final int I32_CONST = 0x41;

  private static final int MOST_LOCALS = 10_000;
  private static final int MOST_LOCALS_OF_ALL = 500_000;
  private static final int DEEPEST = 10_000;

  /// The runtime walks to the target of each branch, block by block.
  private static final int MOST_WALKED = 20_000_000;

  private static final int BLOCK = 0x02;
  private static final int IF = 0x04;
  private static final int END = 0x0b;

  private final ModuleReader in;
  private int locals;
  private int walked;

  ModuleCode(ModuleReader in) {
    this.in = in;
  }

  void valueType() {
    int type = in.octet();
    if (!isValueType(type)) {
      throw new ModuleException(
          "types i32, i64, f32, f64 and funcref expected, found 0x%x%s",
          type, type == 0x7b ? " (SIMD)" : "");
    }
  }

  private static boolean isValueType(int octet) {
    return octet >= 0x7c && octet <= 0x7f || octet == 0x70;
  }

  /// One constant; returns the instruction that makes it.
  int constant() {
    int operation = in.octet();
    switch (operation) {
      case I32_CONST, 0x42 -> in.signed();
      case 0x43 -> in.skip(4);
      case 0x44 -> in.skip(8);
      case 0x23, 0xd2 -> in.number(); // of a global, of a function
      case 0xd0 -> in.octet(); // no reference
      default -> throw new ModuleException("a constant expected, found 0x%x", operation);
    }
    if (in.octet() != END) {
      throw new ModuleException("a constant of one instruction expected at %d", in.at());
    }
    return operation;
  }

  void function() {
    int end = in.count("bytes of a function", ModuleShape.LARGEST) + in.at();
    int own = 0;
    for (int groups = in.count("groups of locals", MOST_LOCALS); groups > 0; groups--) {
      own += Math.min(in.number(), MOST_LOCALS + 1);
      if (own > MOST_LOCALS) {
        throw new ModuleException("at most %d locals of a function expected", MOST_LOCALS);
      }
      valueType();
    }
    locals += own;
    if (locals > MOST_LOCALS_OF_ALL) {
      throw new ModuleException("at most %d locals of all functions expected", MOST_LOCALS_OF_ALL);
    }
    int depth = 1;
    while (depth > 0 && in.isBefore(end)) {
      depth += instruction();
      if (depth > DEEPEST) {
        throw new ModuleException("at most %d blocks in each other expected", DEEPEST);
      }
    }
    if (depth != 0 || in.at() != end) {
      throw new ModuleException("a function that ends at %d expected", end);
    }
  }

  /// Passes one; by how much it changes how deep it is in blocks.
  private int instruction() {
    int operation = in.octet();
    switch (operation) {
      case BLOCK, 0x03, IF -> blockType();
      case 0x0c, 0x0d -> branch();
      case 0x0e -> {
        for (int targets = in.count("targets of a branch", ModuleShape.LARGEST);
            targets >= 0;
            targets--) {
          branch();
        }
      }
      case 0x11 -> {
        in.number();
        in.number();
      }
      case 0x1c -> {
        in.count("types of a choice", 1);
        valueType();
      }
      case I32_CONST, 0x42 -> in.signed();
      case 0x43 -> in.skip(4);
      case 0x44 -> in.skip(8);
      case 0xfc -> furtherInstruction();
      default -> plainInstruction(operation);
    }
    return operation >= BLOCK && operation <= IF ? 1 : operation == END ? -1 : 0;
  }

  private void plainInstruction(int operation) {
    if (operation >= 0x28 && operation <= 0x3e) {
      int alignment = in.number(); // which also says whether a memory is named
      if (alignment > 3) {
        throw new ModuleException("one memory expected, found another at %d", in.at());
      }
      in.number();
    } else if (operation == 0x10
        || operation >= 0x20 && operation <= 0x26
        || operation >= 0x3f && operation <= 0x40
        || operation == 0xd0
        || operation == 0xd2) {
      in.number();
    } else if (!isAlone(operation)) {
      throw new ModuleException(
          "instruction 0x%x at %d is not supported%s", operation, in.at() - 1, why(operation));
    }
  }

  private static boolean isAlone(int operation) {
    return switch (operation) {
      case 0x00, 0x01, 0x05, END, 0x0f, 0x1a, 0x1b, 0xd1 -> true;
      default -> operation >= 0x45 && operation <= 0xc4;
    };
  }

  private static String why(int operation) {
    return switch (operation) {
      case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f -> ": build without exceptions";
      case 0x12, 0x13, 0x15 -> ": build without tail calls";
      case 0xfb -> ": build without GC";
      case 0xfd -> ": build without SIMD";
      case 0xfe -> ": build without threads";
      default -> "";
    };
  }

  private void furtherInstruction() {
    int operation = in.number();
    switch (operation) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> {} // numbers that are cut off
      case 10, 12, 14 -> {
        in.number();
        in.number();
      }
      case 11, 13, 15, 16, 17 -> in.number();
      default ->
          throw new ModuleException(
              "instruction 0xfc 0x%x at %d is not supported: build without shared memory",
              operation, in.at() - 1);
    }
  }

  /// Nothing, a type of value, or the number of a type.
  private void blockType() {
    long type = in.signed();
    if (type < 0 && type != -0x40 && !isValueType((int) type & 0x7f)) {
      throw new ModuleException("a type of a block expected, found %d at %d", type, in.at());
    }
  }

  private void branch() {
    int target = in.number();
    if (target > DEEPEST || (walked += target) > MOST_WALKED) {
      throw new ModuleException("too many branches out of blocks in each other");
    }
  }
}
