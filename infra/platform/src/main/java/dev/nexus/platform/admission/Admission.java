package dev.nexus.platform.admission;

import dev.nexus.event.TenantId;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.measure.Measure;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Says no before work is begun, and says why: 429, or 507 when a disk is full, with the time after
/// which to try again. The same at every edge. What is under way is never refused for
/// the work that waits: outcomes, cancellations and truths pass.
public final class Admission {
  private static final Duration BACKLOG_RETRY = Duration.ofSeconds(2);
  private static final Duration DISK_RETRY = Duration.ofSeconds(30);

  private final RequestRates rates;
  private final BacklogView backlog;
  private final Supplier<Optional<String>> diskShortage;
  private final MeterRegistry meters;

  /// @param diskShortage why the disks have too little room, empty when they have enough
  Admission(
      RequestRates rates,
      BacklogView backlog,
      Supplier<Optional<String>> diskShortage,
      MeterRegistry meters) {
    this.rates = rates;
    this.backlog = backlog;
    this.diskShortage = diskShortage;
    this.meters = meters;
  }

  /// As the settings say it.
  public static Admission of(
      Settings settings,
      BacklogView backlog,
      Supplier<Optional<String>> diskShortage,
      MeterRegistry meters) {
    return new Admission(
        new RequestRates(
            settings.number(Setting.KEY_REQUESTS_PER_SECOND),
            settings.number(Setting.KEY_REQUEST_BURST),
            TimeMeter.SYSTEM_NANOTIME),
        backlog,
        diskShortage,
        meters);
  }

  /// Counts a request that begins new work; throws a `ProblemException` when its caller has no
  /// request left or the work that waits is above its limit.
  public void admit(TenantId tenant, String actor) {
    count(tenant, actor, 1);
    refuseBehind();
  }

  /// Counts requests of a key or an integration; throws a `ProblemException` when none is left.
  ///
  /// @param actor as in the `actor` column of events
  public void count(TenantId tenant, String actor, int requests) {
    Duration wait = rates.take(tenant + "/" + actor, requests);
    if (wait.isPositive()) {
      throw refused(
          Problem.of(
                  HttpStatus.TOO_MANY_REQUESTS,
                  "rate-limited",
                  actor
                      + " has made its "
                      + rates.perSecond()
                      + " requests a second at this instance ("
                      + Setting.KEY_REQUESTS_PER_SECOND.variable()
                      + "; each instance counts for itself): try again later")
              .retryAfter(wait));
    }
  }

  private ProblemException refused(Problem problem) {
    Measure.REFUSED.counter(meters, problem.kind()).increment();
    return problem.exception();
  }

  /// Counts an event of a stream and says how long to wait before the next one is asked for.
  public Duration pace(TenantId tenant, String actor) {
    return rates.charge(tenant + "/" + actor);
  }

  /// Records that a part may be behind before new work is refused.
  public long backlogLimit() {
    return backlog.limit();
  }

  /// Reports of backlogs so far, to be given to [#heardSince].
  public long reports() {
    return backlog.taken();
  }

  /// Whether each part that is more than half as far behind as it may be has reported since there
  /// were so many reports. Such a part reports each second, so what came in before then shows.
  public boolean heardSince(long reports) {
    return backlog.heardSince(reports);
  }

  /// Throws a `ProblemException` when a disk has too little room for anything new.
  public void refuseFull() {
    Optional<Problem> full = full();
    if (full.isPresent()) {
      throw refused(full.get());
    }
  }

  /// Why nothing new at all is taken now; empty when it is.
  public Optional<Problem> full() {
    return diskShortage
        .get()
        .map(
            why ->
                Problem.of(HttpStatus.INSUFFICIENT_STORAGE, "disk-full", why)
                    .retryAfter(DISK_RETRY));
  }

  /// Throws a `ProblemException` when the work that waits is above its limit, or a disk is full.
  public void refuseBehind() {
    Optional<Problem> behind = behind();
    if (behind.isPresent()) {
      throw refused(behind.get());
    }
  }

  /// Why no new work is taken now; empty when it is.
  public Optional<Problem> behind() {
    Optional<Problem> full = full();
    return full.isPresent() ? full : tooMuchWaits();
  }

  private Optional<Problem> tooMuchWaits() {
    return backlog
        .worst()
        .map(
            worst ->
                Problem.of(
                        HttpStatus.TOO_MANY_REQUESTS,
                        "backlog",
                        worst.reader()
                            + " is "
                            + worst.behind()
                            + " records behind, and new work is refused above "
                            + backlog.limit()
                            + " ("
                            + Setting.BACKLOG_LIMIT.variable()
                            + "): try again later")
                    .retryAfter(BACKLOG_RETRY));
  }
}
