package dev.nexus.executor.service;

import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.service.ServiceView.Exit;
import dev.nexus.executor.service.ServiceView.Standing;
import java.time.Duration;
import java.util.Optional;

/// Decides what is to be done about a service: pure, so that a test can say every case. What it
/// decides is carried out by [ServiceRun], and decided anew every moment.
final class ServicePlanner {
  /// Looks that find a service unwell, one after the other, before it is begun again.
  static final int MOST_FAILED_CHECKS = 3;

  /// What is to be done.
  sealed interface Action {
    /// @param fallback whether the image is the fallback
    record Begin(String image, boolean fallback) implements Action {}

    record End(EndReason reason, String detail) implements Action {}

    /// Nothing, until then at least if nothing else happens.
    record Wait(Duration until) implements Action {}

    /// Nothing any more: it rests and nobody wants it.
    record Forget() implements Action {}
  }

  /// An end in time is none to wait for: something else comes first.
  private static final Duration OPEN = Duration.ofDays(36_500);

  private ServicePlanner() {}

  static Action plan(ServiceView service, Duration now) {
    return switch (service.standing()) {
      case Standing.Changing() -> new Action.Wait(OPEN);
      case Standing.Resting(var since) ->
          service
              .wanted()
              .map(wanted -> next(wanted, service.history(), since, now))
              .orElseGet(Action.Forget::new);
      case Standing.Running running ->
          running.exit().map(ServicePlanner::ended).orElseGet(() -> kept(service, running, now));
    };
  }

  private static Action next(
      ServiceDefinition wanted, StartHistory past, Duration since, Duration now) {
    StartHistory history = past.under(wanted.digest());
    Duration due = since.plus(history.pause());
    if (now.compareTo(due) < 0) {
      return new Action.Wait(due);
    }
    boolean fallback = history.fallback() && !wanted.fallbackImage().isEmpty();
    return new Action.Begin(fallback ? wanted.fallbackImage() : wanted.image(), fallback);
  }

  private static Action ended(Exit exit) {
    return exit.outOfMemory()
        ? new Action.End(EndReason.OUT_OF_MEMORY, "it wanted more memory than it may have")
        : new Action.End(EndReason.CRASHED, "its program ended with exit code " + exit.code());
  }

  private static Action kept(ServiceView service, Standing.Running running, Duration now) {
    Optional<ServiceDefinition> wanted = service.wanted();
    if (wanted.isEmpty()) {
      return new Action.End(service.otherwise(), "");
    }
    if (!wanted.get().digest().equals(running.digest())) {
      return new Action.End(EndReason.REPLACED, "its definition changed");
    }
    if (running.failedChecks() >= MOST_FAILED_CHECKS) {
      return new Action.End(
          EndReason.UNHEALTHY, "found unwell " + running.failedChecks() + " times in a row");
    }
    if (running.well()) {
      return new Action.Wait(OPEN);
    }
    Duration late = running.begun().plus(wanted.get().startTime());
    return now.compareTo(late) < 0
        ? new Action.Wait(late)
        : new Action.End(
            EndReason.UNHEALTHY,
            "not well within " + wanted.get().startTime().toSeconds() + " s of its start");
  }
}
