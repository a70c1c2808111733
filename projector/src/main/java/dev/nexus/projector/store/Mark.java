package dev.nexus.projector.store;

/// How far a partition is folded: everything before `next`, in this generation.
public record Mark(String generation, long next) {}
