package dev.nexus.platform.admission;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// What the parts of the platform last said of how far they are behind. A report that is not
/// repeated is forgotten after a while: whoever gave it may be gone, and nothing may be refused for
/// the sake of a part that does not work.
public final class BacklogView {
  static final Duration STALE_AFTER = Duration.ofSeconds(10);

  /// @param reader who is behind
  /// @param behind records that wait for it
  public record Behind(String reader, long behind) {}

  /// @param number how many reports there were with it
  private record Report(Behind behind, long at, long number) {}

  private final long limit;
  private final LongSupplier nanos;
  private final AtomicLong taken = new AtomicLong();

  /// Of parts that are more than half as far behind as they may be: those report again and again.
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
    long number = taken.incrementAndGet();
    if (behind.behind() > limit / 2) {
      reports.put(part, new Report(behind, nanos.getAsLong(), number));
    } else {
      reports.remove(part);
    }
  }

  /// Reports so far.
  long taken() {
    return taken.get();
  }

  /// Whether each part that is due to report again has done so since there were so many reports.
  boolean heardSince(long number) {
    forgetTheStale();
    return reports.values().stream().allMatch(report -> report.number() > number);
  }

  /// The part that is furthest behind of those above the limit.
  Optional<Behind> worst() {
    if (reports.isEmpty()) {
      return Optional.empty(); // the usual case costs no more
    }
    forgetTheStale();
    return reports.values().stream()
        .map(Report::behind)
        .filter(behind -> behind.behind() > limit)
        .max(Comparator.comparingLong(Behind::behind));
  }

  private void forgetTheStale() {
    long now = nanos.getAsLong();
    reports.values().removeIf(report -> now - report.at() > STALE_AFTER.toNanos());
  }
}
