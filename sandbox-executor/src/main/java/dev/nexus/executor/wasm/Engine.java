package dev.nexus.executor.wasm;

import java.util.ArrayDeque;

/// A language in WebAssembly: how it starts, and how it goes on from a snapshot.
interface Engine {

  /// Starts it without any script.
  ///
  /// @param maximumPages of 64 KiB that it may have
  Started start(int maximumPages);

  /// What stopped a script, in words for whoever wrote it.
  ///
  /// @param noise what it printed last
  String words(String noise, Throwable trap);

  /// A started engine, of which guests are made.
  interface Started {
    MemorySnapshot snapshot();

    /// An engine that goes on where a snapshot of this one, or of a guest of it, was taken.
    ///
    /// @param spare used granules, for it to write into
    Guest guest(MemorySnapshot snapshot, int maximumPages, ArrayDeque<byte[]> spare);
  }
}
