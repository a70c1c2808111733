package dev.nexus.oracle.topology;

import dev.nexus.event.Event;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Takes the facts of nexus.executions, one by one, to the components they concern. After each
/// fact everything that is due is decided, so that decisions depend on the facts alone and not on
/// how they were batched.
final class ExecutionFacts {
  private static final int MOST_ANSWERS = 4_096;

  private final Components components;
  private final Calls calls = new Calls();
  private final Map<Integer, Long> read = new HashMap<>();
  private final Map<String, SystemAnswer> answers =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SystemAnswer> eldest) {
          return size() > MOST_ANSWERS;
        }
      };
  private boolean live;
  private Optional<Cause> latest = Optional.empty();

  ExecutionFacts(Components components) {
    this.components = components;
  }

  void take(Event<ExecutionEvent> fact, Position position) {
    Cause cause = Cause.of(fact, position);
    if (latest.isEmpty() || cause.at().isAfter(latest.get().at())) {
      latest = Optional.of(cause);
    }
    if (fact.envelope().appId().equals(SystemApplication.APP)) {
      SystemAnswer.of(fact.body()).ifPresent(answer -> answered(fact, answer, cause));
      return;
    }
    if (fact.body() instanceof ExecutionAccepted accepted) {
      accepted(fact, accepted, position);
    } else if (fact.body() instanceof StepStarted started) {
      started(fact, started, cause);
    } else {
      heard(fact, cause);
    }
  }

  /// Everything up to, not including, this offset was taken.
  void passed(int partition, long offset) {
    read.merge(partition, offset, Math::max);
  }

  /// For each partition, the offset behind the last fact that was taken.
  Map<Integer, Long> read() {
    return Map.copyOf(read);
  }

  private void answered(Event<ExecutionEvent> fact, SystemAnswer answer, Cause cause) {
    answers.put(fact.envelope().executionId(), answer);
    if (live) {
      for (ComponentOracle component : components.all()) {
        if (component.awaitsAnswers()) {
          component.advance(read, answers, cause);
        }
      }
    }
  }

  private void accepted(Event<ExecutionEvent> fact, ExecutionAccepted accepted, Position position) {
    ComponentKey key = ComponentKey.of(fact.envelope(), accepted.component());
    // A payload is too large to be shown to a generator, so its calls prove nothing.
    if (components.find(key).isPresent() && !PayloadReference.isIn(accepted.input())) {
      calls.add(
          new Call(
              key,
              fact.envelope().executionId(),
              fact.envelope().eventId(),
              accepted.input(),
              position));
    }
  }

  private void started(Event<ExecutionEvent> fact, StepStarted started, Cause cause) {
    Optional<Call> found = calls.find(fact.envelope().executionId());
    if (found.isEmpty() || !found.get().begin(started)) {
      return;
    }
    Call call = found.get();
    components
        .find(call.component())
        .filter(component -> component.hasIdentity(started.identityDigest()))
        .ifPresentOrElse(
            component -> {
              component.called(call, call.takeInput(), cause);
              advance(component, cause);
            },
            () -> calls.forget(call));
  }

  private void heard(Event<ExecutionEvent> fact, Cause cause) {
    calls
        .join(fact)
        .ifPresent(
            news ->
                components
                    .find(news.call().component())
                    .ifPresent(
                        component -> {
                          component.heard(news, cause);
                          advance(component, cause);
                        }));
  }

  private void advance(ComponentOracle component, Cause cause) {
    if (live) {
      component.advance(read, answers, cause);
    }
  }

  /// From now on decisions are taken; what became due meanwhile is decided at once.
  void goLive(Instant now) {
    live = true;
    followDefinitions(now);
  }

  /// Looks after every component, whatever facts come: definitions may have changed.
  void followDefinitions(Instant now) {
    components.followDefinitions();
    Cause cause = latest.orElseGet(() -> new Cause(now, Position.NONE, new UUID(0, 0), "oracle"));
    for (ComponentOracle component : components.all()) {
      component.advance(read, answers, cause);
    }
  }
}
