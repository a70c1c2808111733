package dev.nexus.readers;

import java.util.List;

/// A quantile of a list, and the values beside it between which definitions of it differ.
///
/// @param lower value at or before its place
/// @param value between them in a straight line, as `PERCENTILE` of Flink has it
/// @param upper value at or behind its place
record Quantile(double lower, double value, double upper) {
  static Quantile of(List<Long> values, double quantile) {
    List<Long> sorted = values.stream().sorted().toList();
    double place = quantile * (sorted.size() - 1);
    double lower = sorted.get((int) Math.floor(place));
    double upper = sorted.get((int) Math.ceil(place));
    return new Quantile(lower, lower + (place - Math.floor(place)) * (upper - lower), upper);
  }
}
