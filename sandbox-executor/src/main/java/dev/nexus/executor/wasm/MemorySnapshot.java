package dev.nexus.executor.wasm;

/// Frozen linear memory. Its granules are shared by all memories made from it and never written.
///
/// @param ownBytes of them that are not shared with the snapshot that its memory was made from
/// @param stackPointer the guest's stack pointer at that moment, its only mutable global
record MemorySnapshot(byte[][] granules, int pages, long ownBytes, long stackPointer) {}
