package dev.nexus.projector.live;

/// What a listener misses although it goes on from a position.
///
/// @param deleted places of the log behind the position that are too old to be on it
/// @param lostEnds partitions that have lost their end since: what was heard last is not there any
///     more, and what came in its place before the position is not heard
public record Gap(long deleted, int lostEnds) {
  static final Gap NONE = new Gap(0, 0);

  /// Whether anything is missed.
  public boolean isThere() {
    return deleted > 0 || lostEnds > 0;
  }
}
