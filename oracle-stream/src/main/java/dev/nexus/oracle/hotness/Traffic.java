package dev.nexus.oracle.hotness;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// Counts the calls and the distinct inputs of one component in one identity over a sliding window
/// of event time. Time only moves forward: a late call counts as if it came now.
public final class Traffic {
  /// Inputs older than this make nothing hot.
  public static final Duration WINDOW = Duration.ofDays(7);

  private static final int INPUTS_REMEMBERED = 100_000;
  private static final long HOUR = Duration.ofHours(1).toSeconds();
  private static final long WINDOW_HOURS = WINDOW.toHours();

  private final Map<String, Long> lastSeen = new LinkedHashMap<>();
  private final TreeMap<Long, Long> callsByHour = new TreeMap<>();
  private long callsSinceChange;
  private long hour = Long.MIN_VALUE;

  public void observe(String fingerprint, Instant at) {
    hour = Math.max(hour, Math.floorDiv(at.getEpochSecond(), HOUR));
    callsSinceChange++;
    callsByHour.merge(hour, 1L, Long::sum);
    callsByHour.headMap(hour - WINDOW_HOURS, true).clear();
    lastSeen.remove(fingerprint);
    lastSeen.put(fingerprint, hour);
    forgetOld();
  }

  private void forgetOld() {
    Iterator<Long> oldest = lastSeen.values().iterator();
    while (oldest.hasNext()
        && (oldest.next() <= hour - WINDOW_HOURS || lastSeen.size() > INPUTS_REMEMBERED)) {
      oldest.remove();
    }
  }

  public Hotness hotness() {
    long calls = callsByHour.values().stream().mapToLong(Long::longValue).sum();
    return new Hotness(calls, lastSeen.size(), callsSinceChange);
  }
}
