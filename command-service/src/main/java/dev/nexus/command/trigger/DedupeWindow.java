package dev.nexus.command.trigger;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/// The events of a partition that have started something, as far back as copies of them are
/// recognised. It is the fold of the verdicts in the partition's own tail, so the topic is its
/// changelog: a new owner reads `reach` records back and has the same window.
final class DedupeWindow {
  private record First(long offset, Instant at) {}

  private final long reach;
  private final Duration longest;

  /// The one that is furthest back comes first.
  private final Map<UUID, First> events = new LinkedHashMap<>();

  /// @param reach records of the partition it reaches back over
  /// @param longest time it reaches back over
  DedupeWindow(long reach, Duration longest) {
    this.reach = reach;
    this.longest = longest;
  }

  /// Where the first copy of an event stands that stands at `offset` again; empty when it did not
  /// start anything within the window.
  OptionalLong first(UUID event, long offset, Instant at) {
    First first = events.get(event);
    return first == null || isBeyond(first, offset, at)
        ? OptionalLong.empty()
        : OptionalLong.of(first.offset());
  }

  /// The event at `offset` has started something.
  void add(UUID event, long offset, Instant at) {
    events.remove(event);
    events.put(event, new First(offset, at));
    Iterator<First> furthest = events.values().iterator();
    while (furthest.hasNext() && isBeyond(furthest.next(), offset, at)) {
      furthest.remove();
    }
  }

  private boolean isBeyond(First first, long offset, Instant at) {
    return first.offset() < offset - reach || first.at().isBefore(at.minus(longest));
  }

  int size() {
    return events.size();
  }
}
