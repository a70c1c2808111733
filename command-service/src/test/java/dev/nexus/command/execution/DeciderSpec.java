package dev.nexus.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.Decision.AnsweredAgain;
import dev.nexus.command.execution.Decision.Ignored;
import dev.nexus.command.execution.Decision.Impossible;
import dev.nexus.command.execution.Decision.Reason;
import dev.nexus.command.execution.Decision.Rejected;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Given facts, when a command comes, then these facts follow, or none and why.
///
/// ```java
/// DeciderSpec.given(accepted(), ...).after(seconds(3)).when(cancel()).thenFacts(cancelled());
/// ```
final class DeciderSpec {
  static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  static final ExecutionId EXECUTION = new ExecutionId(NameIds.uuid5("spec", "execution"));

  private ExecutionState state = new Absent();
  private Instant at = BEGIN;
  private Decision decision = new Ignored("nothing was asked");
  private final List<Consequence> consequences = new ArrayList<>();

  private DeciderSpec() {}

  /// Facts that stand on the log, all decided at the beginning.
  static DeciderSpec given(ExecutionEvent... facts) {
    DeciderSpec spec = new DeciderSpec();
    for (ExecutionEvent fact : facts) {
      spec.fold(fact);
    }
    return spec;
  }

  /// The command comes this long after the beginning.
  DeciderSpec after(Duration time) {
    at = BEGIN.plus(time);
    return this;
  }

  /// Decides, and folds what was accepted, so that another command may follow.
  DeciderSpec when(ExecutionCommand command) {
    decision = ExecutionDecider.decide(state, command, at);
    consequences.clear();
    if (decision instanceof Accepted(var facts)) {
      facts.forEach(this::fold);
    }
    return this;
  }

  private void fold(ExecutionEvent body) {
    Event<ExecutionEvent> fact = fact(body, state.sequence() + 1, at);
    ExecutionState before = state;
    state = ExecutionFold.apply(before, fact);
    consequences.addAll(Consequences.of(before, fact));
  }

  static Event<ExecutionEvent> fact(ExecutionEvent body, long sequence, Instant at) {
    Envelope envelope =
        Envelope.of(
                NameIds.uuid5("fact", EXECUTION.toString(), Long.toString(sequence)),
                at,
                TenantId.DEFAULT,
                "orders",
                "key:spec")
            .withExecution(EXECUTION)
            .withSequence(sequence);
    return new Event<>(envelope, body);
  }

  DeciderSpec thenFacts(ExecutionEvent... facts) {
    assertThat(decision).isEqualTo(new Accepted(List.of(facts)));
    return this;
  }

  /// The last of the facts that follow.
  DeciderSpec thenEnds(ExecutionEvent fact) {
    assertThat(decision).isInstanceOf(Accepted.class);
    assertThat(((Accepted) decision).facts()).endsWith(fact);
    return this;
  }

  DeciderSpec thenRejected(Reason reason) {
    assertThat(decision).isInstanceOf(Rejected.class);
    assertThat(((Rejected) decision).reason()).isEqualTo(reason);
    return this;
  }

  DeciderSpec thenIgnored() {
    assertThat(decision).isInstanceOf(Ignored.class);
    return this;
  }

  DeciderSpec thenAnsweredAgain() {
    assertThat(decision).isEqualTo(new AnsweredAgain());
    return this;
  }

  DeciderSpec thenImpossible() {
    assertThat(decision).isInstanceOf(Impossible.class);
    return this;
  }

  /// What goes out because of the facts that follow, in any order.
  DeciderSpec thenGoOut(Consequence... expected) {
    assertThat(consequences).containsExactlyInAnyOrder(expected);
    return this;
  }

  ExecutionState state() {
    return state;
  }

  Decision decision() {
    return decision;
  }
}
