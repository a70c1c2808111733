package dev.nexus.executor.wasm;

/// One instance of an engine and its memory. Used by one thread and thrown away after use.
interface Guest {
  /// Used granules that a thread keeps for its next call: a MiB.
  int GRANULES_KEPT = (1 << 20) / SnapshotMemory.GRANULE;

  /// Evaluates a script, which defines `handle`. Traps, or tells the current call, when it does
  /// not.
  void load(String source);

  /// Calls `handle` on the input of the current call, and tells that call what came of it.
  void call();

  /// Its content as it is now.
  MemorySnapshot freeze();

  /// Keeps at most so many granules of its memory for the next guest of this thread.
  void recycle(int most);
}
