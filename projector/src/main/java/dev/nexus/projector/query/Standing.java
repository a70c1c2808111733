package dev.nexus.projector.query;

import io.lettuce.core.KeyValue;
import java.util.List;

/// Where a partition stands, as Redis says together with an answer.
///
/// @param generation what is read; "" when nothing is stored
/// @param from position of the first record that may be in it
/// @param next position up to which it is folded; below zero while a snapshot is filled in
/// @param goal position from which on it has all that there was when it was begun
record Standing(String generation, long from, long next, long goal) {
  static final String[] FIELDS = {"generation", "from", "next", "goal"};

  static Standing of(List<KeyValue<String, byte[]>> fields) {
    return new Standing(
        text(fields, 0, ""), number(fields, 1), number(fields, 2), number(fields, 3));
  }

  private static long number(List<KeyValue<String, byte[]>> fields, int index) {
    return Long.parseLong(text(fields, index, "0"));
  }

  private static String text(List<KeyValue<String, byte[]>> fields, int index, String missing) {
    return index < fields.size() && fields.get(index).hasValue()
        ? ProjectionReads.text(fields.get(index).getValue())
        : missing;
  }

  /// Whether what is not there does not exist.
  ///
  /// @param reached position that was stored before
  boolean whole(long reached) {
    return !generation.isEmpty() && next >= Math.max(goal, reached);
  }

  /// Positions of the log that are to be folded until it is whole.
  long all(long reached) {
    return Math.max(0, Math.max(goal, reached) - from);
  }

  /// How many of them are.
  long done(long reached) {
    return Math.clamp(next - from, 0, all(reached));
  }
}
