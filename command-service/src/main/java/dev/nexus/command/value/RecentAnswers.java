package dev.nexus.command.value;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What was answered to requests that were applied, by the ids of those, for as long as one may be
/// repeated. The log keeps every fact longer than that, so a new owner knows the same.
final class RecentAnswers {
  /// Longer than whoever asks would try again.
  static final Duration REMEMBERED = Duration.ofMinutes(15);

  /// Some tens of megabytes.
  static final int MOST = 100_000;

  private record Applied(String requestId, Recorded answer, Instant at) {}

  private final Map<String, Recorded> byRequest = new HashMap<>();
  private final Deque<Applied> inOrder = new ArrayDeque<>();

  Optional<Recorded> of(String requestId) {
    return Optional.ofNullable(byRequest.get(requestId));
  }

  void add(String requestId, Recorded answer, Instant at) {
    if (byRequest.put(requestId, answer) == null) {
      inOrder.add(new Applied(requestId, answer, at));
    }
    while (inOrder.size() > MOST
        || !inOrder.isEmpty() && inOrder.getFirst().at().isBefore(at.minus(REMEMBERED))) {
      byRequest.remove(inOrder.removeFirst().requestId());
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecentAnswers answers && byRequest.equals(answers.byRequest);
  }

  @Override
  public int hashCode() {
    return byRequest.hashCode();
  }
}
