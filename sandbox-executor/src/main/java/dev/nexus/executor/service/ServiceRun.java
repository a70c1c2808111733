package dev.nexus.executor.service;

import dev.nexus.event.Excerpt;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.container.Engine.Condition;
import dev.nexus.executor.container.EngineException;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.executor.service.ServiceView.Standing;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One service of this executor: carries out what [ServicePlanner] decides, on threads of its own,
/// and sees how it goes.
final class ServiceRun {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceRun.class);

  /// Who runs for so long and has no port is well.
  private static final Duration STEADY = Duration.ofSeconds(1);

  private static final Duration GRACE = Duration.ofSeconds(3);
  private static final int MOST_WORDS = 1000;
  private static final int KILLED = 137;

  /// What ends by these has a program that may want to put its files in order.
  private static final Set<EndReason> IN_ORDER =
      Set.of(EndReason.REPLACED, EndReason.REMOVED, EndReason.MOVED, EndReason.SHUTDOWN);

  private final ServiceKey key;
  private final ServiceParts parts;
  private final ReentrantLock lock = new ReentrantLock();
  private StartHistory history = StartHistory.of("");
  private State state = State.WAITING;
  private Duration since = ServiceParts.now();
  private Instant sinceAt;
  private String lastEnd = "";
  private String image = "";
  private boolean fallback;
  private @Nullable RunningService running;

  ServiceRun(ServiceKey key, ServiceParts parts) {
    this.key = key;
    this.parts = parts;
    this.sinceAt = instant();
  }

  private Instant instant() {
    return parts.clock().instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private <T> T locked(Supplier<T> question) {
    lock.lock();
    try {
      return question.get();
    } finally {
      lock.unlock();
    }
  }

  private void guarded(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  ServiceView view(Optional<ServiceDefinition> wanted, EndReason otherwise) {
    return locked(() -> new ServiceView(wanted, otherwise, standing(), history));
  }

  private Standing standing() {
    RunningService now = running;
    if (now == null) {
      return state == State.ENDING ? new Standing.Changing() : new Standing.Resting(since);
    }
    return state == State.ENDING || now.container().isEmpty()
        ? new Standing.Changing()
        : now.standing(state == State.HEALTHY);
  }

  /// @param wanted definition that the action is for; empty where it is for none
  void carryOut(ServicePlanner.Action action, Optional<ServiceDefinition> wanted) {
    switch (action) {
      case ServicePlanner.Action.Begin(var of, var isFallback) ->
          wanted.ifPresent(definition -> begin(definition, of, isFallback));
      case ServicePlanner.Action.End(var reason, var detail) -> end(reason, detail);
      case ServicePlanner.Action.Wait _, ServicePlanner.Action.Forget _ -> {}
    }
  }

  private void begin(ServiceDefinition definition, String of, boolean isFallback) {
    guarded(
        () -> {
          history = history.under(definition.digest());
          image = of;
          fallback = isFallback;
          var next = new RunningService(key, definition, parts, of, isFallback, history.restarts());
          running = next;
          become(State.STARTING);
          Thread.ofVirtual().name("service-begin").start(() -> begin(next));
        });
  }

  private void begin(RunningService next) {
    try {
      next.begin();
      parts.listener().started(next.told());
    } catch (EngineException e) {
      if (e.failure() == FailureClass.LOST || e.failure() == FailureClass.UNREACHABLE) {
        postponed(next, e);
      } else {
        notBegun(next, String.valueOf(e.getMessage()));
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      LOG.atError().setCause(e).addKeyValue("service", key.text()).log("a start broke");
      notBegun(next, "the executor failed at a start: " + e);
    }
  }

  /// Nothing is wrong with the service, so nothing is told of it.
  private void postponed(RunningService next, EngineException why) {
    LOG.atWarn().setCause(why).addKeyValue("service", key.text()).log("a start is postponed");
    next.close();
    if (why.failure() == FailureClass.LOST) {
      clearName(next);
    }
    guarded(
        () -> {
          history = history.postponed();
          lastEnd = String.valueOf(why.getMessage());
          running = null;
          become(State.WAITING);
        });
  }

  private void clearName(RunningService next) {
    try {
      next.clearName();
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).addKeyValue("service", key.text()).log("its name is not free yet");
    }
  }

  private void notBegun(RunningService next, String why) {
    next.close();
    ended(next, EndReason.FAILED_TO_START, why, 0);
  }

  private void end(EndReason reason, String detail) {
    guarded(
        () -> {
          RunningService last = running;
          if (last == null) {
            return;
          }
          become(State.ENDING);
          last.endTools();
          Thread.ofVirtual().name("service-end").start(() -> end(last, reason, detail));
        });
  }

  private void end(RunningService last, EndReason reason, String detail) {
    int code = KILLED;
    String words = "";
    try {
      if (IN_ORDER.contains(reason)) {
        parts.site().engine().stop(last.container(), GRACE);
      } else {
        words = parts.site().engine().lastWords(last.container());
      }
      Condition condition = parts.site().engine().condition(last.container());
      code = condition.running() ? KILLED : condition.exitCode();
    } catch (EngineException e) {
      LOG.atWarn().setCause(e).addKeyValue("service", key.text()).log("how it ended is not known");
    }
    last.close();
    String found = reason == EndReason.UNHEALTHY ? last.unwell() : "";
    String said =
        Stream.of(detail, found, words)
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(": "));
    ended(last, reason, Excerpt.of(said, MOST_WORDS), code);
  }

  private void ended(RunningService last, EndReason reason, String detail, int exitCode) {
    Duration pause =
        locked(
            () -> {
              boolean failed = !IN_ORDER.contains(reason);
              if (failed) {
                boolean other = !last.definition().fallbackImage().isEmpty();
                history = history.afterFailure(last.wellFor(), other);
              }
              lastEnd = detail.isEmpty() ? reason.name() : reason + ": " + detail;
              running = null;
              become(State.WAITING);
              return failed ? history.pause() : Duration.ZERO;
            });
    parts.listener().ended(last.told(), reason, detail, exitCode, pause);
  }

  private void become(State next) {
    state = next;
    since = ServiceParts.now();
    sinceAt = instant();
  }

  /// Sees whether it is well, where it is time to.
  ///
  /// @param looked whether the engine was asked for all containers just now
  /// @param living containers that run
  void look(boolean looked, Set<String> living) {
    RunningService now =
        locked(() -> state == State.STARTING || state == State.HEALTHY ? running : null);
    if (now == null || now.container().isEmpty()) {
      return;
    }
    now.tellDropped();
    if (looked && !living.contains(now.container())) {
      now.mayHaveEnded();
    }
    if (now.definition().reach().hasPort()) {
      now.check(locked(() -> state == State.HEALTHY), () -> well(now));
    } else if (ServiceParts.now().minus(now.begunAt()).compareTo(STEADY) >= 0 && !now.hasEnded()) {
      well(now);
    }
  }

  private void well(RunningService now) {
    boolean news =
        locked(
            () -> {
              if (running != now || state != State.STARTING) {
                return false;
              }
              now.isWell();
              become(State.HEALTHY);
              return true;
            });
    if (news) {
      parts.listener().healthy(now.told(), ServiceParts.now().minus(now.asked()));
    }
  }

  /// The service where it does its work. Throws `IOException` with the reason where it does not.
  RunningService healthy() throws IOException {
    RunningService now = locked(() -> state == State.HEALTHY ? running : null);
    if (now == null) {
      ServiceStatus status = status();
      throw new IOException(
          "it is "
              + status.state()
              + " since "
              + sinceAt
              + (lastEnd.isEmpty() ? "" : "; its last end: " + lastEnd));
    }
    return now;
  }

  ServiceStatus status() {
    return locked(
        () ->
            new ServiceStatus(
                key.service(),
                state,
                image,
                fallback,
                history.restarts(),
                lastEnd,
                Optional.of(sinceAt),
                ""));
  }

  /// Names of its containers.
  Set<String> instances() {
    return locked(() -> running == null ? Set.of() : running.instances());
  }

  /// Whether what runs is of this definition.
  boolean isOf(ServiceDefinition definition) {
    return locked(
        () -> running != null && running.definition().digest().equals(definition.digest()));
  }

  boolean isResting() {
    return locked(() -> running == null);
  }
}
