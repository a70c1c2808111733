package dev.nexus.projector.ingress;

/// What became of an outside event, as readers see it.
public enum EventStatus {
  /// Let in, not decided yet.
  PENDING,
  /// It started something, or was reported as a truth.
  MATCHED,
  /// No trigger is for it.
  UNMATCHED,
  /// It should have started something and could not.
  REFUSED,
  /// A copy of an event that has started something.
  DUPLICATE
}
