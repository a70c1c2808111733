package dev.nexus.standalone.demo;

import java.util.List;

/// What callers got from one tier.
///
/// @param count answers
/// @param p50Ms median time from acceptance to answer, milliseconds; 0 without answers
/// @param judged answers whose truth is known
/// @param right those among them that equal it
record Served(long count, long p50Ms, long p99Ms, long judged, long right) {

  static Served of(List<Long> millis, long judged, long right) {
    List<Long> sorted = millis.stream().sorted().toList();
    return new Served(sorted.size(), at(sorted, 50), at(sorted, 99), judged, right);
  }

  /// Share of judged answers that were right; 0 when none was judged.
  double accuracy() {
    return judged == 0 ? 0 : (double) right / judged;
  }

  private static long at(List<Long> sorted, int percent) {
    if (sorted.isEmpty()) {
      return 0;
    }
    int rank = (int) Math.ceil(sorted.size() * percent / 100.0);
    return sorted.get(Math.max(rank, 1) - 1);
  }
}
