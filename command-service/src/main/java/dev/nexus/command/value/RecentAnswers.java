package dev.nexus.command.value;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What was answered to requests that were applied, by the ids of those, for as long as one may be
/// repeated. The log keeps every fact longer than that, so a new owner knows the same. Only those
/// that a caller named can come again: the others have ids that nobody knows.
final class RecentAnswers {
  /// Longer than work waits, is held by who does it and lasts, after which it is done again.
  static final Duration REMEMBERED = Duration.ofHours(2);

  /// Of one application, so that none makes the owner forget those of the others.
  static final int MOST_OF_ONE = 10_000;

  /// Of all; some tens of megabytes. Above it the one with the most gives up its oldest.
  static final int MOST = 200_000;

  /// Version of ids that are made from names.
  private static final int NAMED = 5;

  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(1);

  private record Applied(Recorded answer, Instant at) {}

  /// By application and request, in the order in which they were applied.
  private final Map<String, LinkedHashMap<String, Applied>> applications = new LinkedHashMap<>();

  private int size;
  private Instant swept = Instant.EPOCH;

  Optional<Recorded> of(String application, String requestId) {
    LinkedHashMap<String, Applied> own = applications.get(application);
    Applied applied = own == null ? null : own.get(requestId);
    return Optional.ofNullable(applied).map(Applied::answer);
  }

  void add(String application, String requestId, Recorded answer, Instant at) {
    if (!at.isBefore(swept.plus(BETWEEN_SWEEPS))) {
      sweep(at.minus(REMEMBERED));
      swept = at;
    }
    if (UUID.fromString(requestId).version() != NAMED) {
      return;
    }
    var own = applications.computeIfAbsent(application, _ -> new LinkedHashMap<>());
    if (own.put(requestId, new Applied(answer, at)) == null) {
      size++;
    }
    if (own.size() > MOST_OF_ONE) {
      forgetOldest(own);
    } else if (size > MOST) {
      applications.values().stream()
          .max(Comparator.comparingInt(Map::size))
          .ifPresent(this::forgetOldest);
    }
  }

  private void forgetOldest(LinkedHashMap<String, Applied> own) {
    own.pollFirstEntry();
    size--;
  }

  private void sweep(Instant before) {
    for (Iterator<LinkedHashMap<String, Applied>> all = applications.values().iterator();
        all.hasNext(); ) {
      LinkedHashMap<String, Applied> own = all.next();
      while (!own.isEmpty() && own.firstEntry().getValue().at().isBefore(before)) {
        forgetOldest(own);
      }
      if (own.isEmpty()) {
        all.remove();
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecentAnswers answers && applications.equals(answers.applications);
  }

  @Override
  public int hashCode() {
    return applications.hashCode();
  }
}
