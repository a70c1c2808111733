package dev.nexus.projector.store;

/// Changes of one partition from position `base` up to `next`, which is not part of it.
public record Batch(Slot slot, String generation, long base, long next, Changes changes) {}
