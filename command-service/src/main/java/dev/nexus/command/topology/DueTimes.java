package dev.nexus.command.topology;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// When each execution wants to be looked at next; one time an execution.
final class DueTimes {
  private record Due(Instant at, String key) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : key.compareTo(other.key);
    }
  }

  private final TreeSet<Due> order = new TreeSet<>();
  private final Map<String, Due> byKey = new HashMap<>();

  void set(String key, Optional<Instant> at) {
    Due before = byKey.remove(key);
    if (before != null) {
      order.remove(before);
    }
    if (at.isPresent()) {
      Due due = new Due(at.get(), key);
      byKey.put(key, due);
      order.add(due);
    }
  }

  /// The next time anything is due.
  Optional<Instant> next() {
    return order.isEmpty() ? Optional.empty() : Optional.of(order.first().at());
  }

  /// Takes the executions that are due, at most `most` of them.
  List<String> takeDue(Instant now, int most) {
    List<String> keys = new ArrayList<>();
    while (keys.size() < most && !order.isEmpty() && !order.first().at().isAfter(now)) {
      Due due = order.removeFirst();
      byKey.remove(due.key());
      keys.add(due.key());
    }
    return keys;
  }

  void clear() {
    order.clear();
    byKey.clear();
  }
}
