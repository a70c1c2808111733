package dev.nexus.oracle.topology;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/// The trial runs of one candidate on its sealed inputs: which are under way, bounded, and which
/// came to nothing.
final class TrialRuns {
  static final int AT_ONCE = 16;

  private final Map<String, Call> underWay = new LinkedHashMap<>();
  private final Set<String> withoutResult = new HashSet<>();

  /// The next inputs to be run; `counted` tells which are done.
  List<Call> due(List<Call> sealed, Predicate<String> counted) {
    List<Call> due = new ArrayList<>();
    for (Call call : sealed) {
      if (underWay.size() + due.size() >= AT_ONCE) {
        break;
      }
      if (isOpen(call, counted) && !isUnderWay(call)) {
        due.add(call);
      }
    }
    return due;
  }

  void started(String execution, Call call) {
    underWay.put(execution, call);
  }

  /// Takes the runs that have ended out of `answers`, with the inputs they were made on.
  Map<Call, SystemAnswer> ended(Map<String, SystemAnswer> answers) {
    Map<Call, SystemAnswer> ended = new LinkedHashMap<>();
    for (String execution : List.copyOf(underWay.keySet())) {
      SystemAnswer answer = answers.remove(execution);
      if (answer != null) {
        ended.put(Objects.requireNonNull(underWay.remove(execution)), answer);
      }
    }
    return ended;
  }

  void showedNothing(Call call) {
    withoutResult.add(call.fingerprint());
  }

  boolean done(List<Call> sealed, Predicate<String> counted) {
    return underWay.isEmpty() && sealed.stream().noneMatch(call -> isOpen(call, counted));
  }

  private boolean isUnderWay(Call call) {
    return underWay.values().stream().anyMatch(c -> c.fingerprint().equals(call.fingerprint()));
  }

  private boolean isOpen(Call call, Predicate<String> counted) {
    return !counted.test(call.fingerprint()) && !withoutResult.contains(call.fingerprint());
  }
}
