package dev.nexus.executor.wasm;

import io.roastedroot.quickjs4j.core.JavyPluginModule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import run.endive.runtime.Instance;

/// One instance of the QuickJS module and its memory. Used by one thread and thrown away after use.
final class Guest {
  /// Address and length of bytecode in guest memory.
  record Bytecode(int address, int length) {}

  private final Instance instance;
  private final SnapshotMemory memory;

  private Guest(SnapshotMemory memory) {
    this.memory = memory;
    this.instance =
        Instance.builder(JavyPluginModule.load())
            .withMachineFactory(JavyPluginModule::create)
            .withMemoryFactory(limits -> memory)
            .withImportValues(GuestImports.VALUES)
            .build();
  }

  /// A new engine, started.
  static Guest boot(int maximumPages) {
    int initial =
        JavyPluginModule.load().memorySection().orElseThrow().getMemory(0).limits().initialPages();
    Guest guest = new Guest(SnapshotMemory.empty(initial, maximumPages));
    guest.instance.export("initialize_runtime").apply();
    return guest;
  }

  /// An engine that goes on where the snapshot was taken.
  static Guest of(MemorySnapshot snapshot, int maximumPages, ArrayDeque<byte[]> spare) {
    Guest guest = new Guest(SnapshotMemory.of(snapshot, maximumPages, spare));
    guest.instance.global(0).setValue(snapshot.stackPointer());
    return guest;
  }

  /// Compiles an ES module; traps when it does not parse.
  Bytecode compile(String source) {
    byte[] text = source.getBytes(StandardCharsets.UTF_8);
    int address = GuestImports.allocate(instance, Math.max(1, text.length));
    memory.write(address, text, 0, text.length);
    int pair = (int) instance.export("compileSrc").apply(address, text.length)[0];
    return new Bytecode(memory.readInt(pair), memory.readInt(pair + 4));
  }

  /// Evaluates a module and the promise jobs it leaves; traps when it throws.
  void evaluate(Bytecode code) {
    instance.export("eval").apply(code.address(), code.length(), 0, 0);
  }

  MemorySnapshot freeze() {
    return memory.freeze(instance.global(0).getValue());
  }

  /// Keeps this guest's private memory for the next one of this thread.
  void recycle(int most) {
    memory.recycle(most);
  }
}
