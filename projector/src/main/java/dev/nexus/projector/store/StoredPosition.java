package dev.nexus.projector.store;

/// What Redis says about a partition.
public sealed interface StoredPosition {

  /// Nothing: never folded, or wiped.
  record None() implements StoredPosition {}

  /// `log` names the log it was folded from; `open` tells of a batch that failed half-way.
  record At(String log, int layout, Mark mark, boolean open) implements StoredPosition {}
}
