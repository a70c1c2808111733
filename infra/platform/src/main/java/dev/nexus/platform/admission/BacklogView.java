package dev.nexus.platform.admission;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// What the parts of the platform last said of how far they are behind. A report that is not
/// repeated is forgotten after a while: whoever gave it may be gone, and nothing may be refused for
/// the sake of a part that does not work.
public final class BacklogView {
  static final Duration STALE_AFTER = Duration.ofSeconds(10);

  /// @param reader who is behind
  /// @param behind records that wait for it
  public record Behind(String reader, long behind) {}

  private record Report(Behind behind, long at) {}

  private final long limit;
  private final LongSupplier nanos;
  private final Map<String, Report> reports = new ConcurrentHashMap<>();

  public BacklogView(long limit, LongSupplier nanos) {
    this.limit = limit;
    this.nanos = nanos;
  }

  long limit() {
    return limit;
  }

  /// Takes a report; a later one of the same part takes its place.
  public void take(String part, Behind behind) {
    if (behind.behind() > limit) {
      reports.put(part, new Report(behind, nanos.getAsLong()));
    } else {
      reports.remove(part);
    }
  }

  /// The part that is furthest behind of those above the limit.
  Optional<Behind> worst() {
    if (reports.isEmpty()) {
      return Optional.empty(); // the usual case costs no more
    }
    long now = nanos.getAsLong();
    reports.values().removeIf(report -> now - report.at() > STALE_AFTER.toNanos());
    return reports.values().stream()
        .map(Report::behind)
        .max(Comparator.comparingLong(Behind::behind));
  }
}
