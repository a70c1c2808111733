package dev.nexus.oracle.promotion;

import dev.nexus.event.Position;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The recorded inputs that are kept from a generator, as a range of offsets for each partition of
/// nexus.executions.
public record Seal(SortedMap<Integer, Range> ranges) {
  public static final Seal NONE = new Seal(new TreeMap<>());

  /// Offsets `from` up to, not including, `until`.
  public record Range(long from, long until) {
    public Range {
      if (from < 0 || until < from) {
        throw new IllegalArgumentException("range expected, found " + from + "-" + until);
      }
    }
  }

  public Seal {
    ranges = Collections.unmodifiableSortedMap(new TreeMap<>(ranges));
  }

  /// The seal of the next candidate: behind everything in `taken` (each a map from partition to the
  /// offset behind its last used input), up to `read`.
  public static Seal behind(List<Map<Integer, Long>> taken, Map<Integer, Long> read) {
    SortedMap<Integer, Range> ranges = new TreeMap<>();
    read.forEach(
        (partition, end) -> {
          long from =
              taken.stream().mapToLong(used -> used.getOrDefault(partition, 0L)).max().orElse(0);
          ranges.put(partition, new Range(from, Math.max(from, end)));
        });
    return new Seal(ranges);
  }

  /// Reads what [#toTexts] wrote; throws `IllegalArgumentException` for anything else.
  public static Seal parse(List<String> texts) {
    SortedMap<Integer, Range> ranges = new TreeMap<>();
    for (String text : texts) {
      int colon = text.indexOf(':');
      int dash = text.indexOf('-', colon + 1);
      if (colon < 0 || dash < 0) {
        throw new IllegalArgumentException("partition:from-until expected, found '" + text + "'");
      }
      ranges.put(
          Integer.valueOf(text.substring(0, colon)),
          new Range(
              Long.parseLong(text.substring(colon + 1, dash)),
              Long.parseLong(text.substring(dash + 1))));
    }
    return new Seal(ranges);
  }

  public List<String> toTexts() {
    List<String> texts = new ArrayList<>();
    ranges.forEach((p, range) -> texts.add(p + ":" + range.from() + "-" + range.until()));
    return List.copyOf(texts);
  }

  /// Whether the input at this place is under the seal.
  public boolean covers(Position input) {
    Range range = ranges.get(input.inputPartition());
    return range != null
        && input.inputOffset() >= range.from()
        && input.inputOffset() < range.until();
  }

  /// Whether the candidate may be judged on the input at this place: under the seal or later.
  public boolean allows(Position input) {
    Range range = ranges.get(input.inputPartition());
    return range == null || input.inputOffset() >= range.from();
  }

  /// For each partition, the offset behind the seal.
  public Map<Integer, Long> ends() {
    Map<Integer, Long> ends = new TreeMap<>();
    ranges.forEach((partition, range) -> ends.put(partition, range.until()));
    return ends;
  }
}
