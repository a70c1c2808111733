package dev.nexus.projector.store;

/// Which of a partition's two positions a batch moves.
public enum Track {
  /// What is read.
  LIVE("position"),
  /// What a rebuild writes beside it, until it takes its place.
  SHADOW("shadow");

  private final String word;

  Track(String word) {
    this.word = word;
  }

  /// The last part of the position's name.
  String word() {
    return word;
  }
}
