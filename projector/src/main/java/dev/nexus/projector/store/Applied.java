package dev.nexus.projector.store;

/// What became of a batch.
public enum Applied {
  /// The position was not the batch's base; nothing was changed.
  REFUSED,
  APPLIED,
  /// Applied, and what was the shadow is what is read from here on.
  TOOK_OVER;

  static Applied of(long answer) {
    return answer == 0 ? REFUSED : answer == 1 ? APPLIED : TOOK_OVER;
  }
}
