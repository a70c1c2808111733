package dev.nexus.command.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ImpossibleFactException;
import dev.nexus.command.execution.Truths;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ExecutionTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final String KEY = "default/" + RouterFixture.execution("a");
  private static final Json OUTPUT = new Json("1");
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);
  private static final TaskKey SHADOW = new TaskKey(1, Role.SHADOW, 1);

  /// An execution whose shadow ends after it has.
  private static final List<ExecutionEvent> SHADOWED =
      List.of(
          new ExecutionAccepted("echo", "d1", OUTPUT, "b", AT, ReplyAddress.NOBODY, "http"),
          new StepStarted(1, Tier.MODEL, "i", "", 7, false),
          new TaskRequested(SERVE, Lane.MODEL, "", AT),
          new TaskRequested(SHADOW, Lane.CODE, "code", AT),
          new TaskSucceeded(SERVE, "x", OUTPUT, Usage.NONE),
          new ExecutionSucceeded(OUTPUT, Tier.MODEL),
          new TaskSucceeded(SHADOW, "x", OUTPUT, Usage.NONE));

  private static Event<ExecutionEvent> fact(ExecutionEvent body, long sequence) {
    Envelope envelope =
        Envelope.of(new UUID(0, sequence), AT, RouterFixture.TENANT, RouterFixture.APP, "key:test")
            .withExecution(RouterFixture.execution("a"))
            .withSequence(sequence);
    return new Event<>(envelope, body);
  }

  private static void fold(Execution execution, List<ExecutionEvent> facts) {
    for (ExecutionEvent body : facts) {
      var fact = fact(body, execution.state().sequence() + 1);
      execution.apply(fact, RouterContext.FACTS.encode(fact));
    }
  }

  private static Execution overTheShelf(Execution execution) {
    Shelved shelved =
        switch (execution.shelved()) {
          case Shelved.Facts facts -> Shelved.Facts.read(ByteBuffer.wrap(facts.bytes()));
          case Shelved.Ended ended -> Shelved.Ended.read(ByteBuffer.wrap(ended.bytes()));
          case Shelved.Nothing nothing -> nothing;
        };
    return Execution.unshelved(KEY, shelved, RouterContext.FACTS);
  }

  @Test
  void shouldFoldOnAfterTheShelfAsIfItHadNeverBeenThere() {
    for (int cut = 0; cut <= SHADOWED.size(); cut++) {
      // Given
      Execution whole = new Execution(KEY);
      fold(whole, SHADOWED);
      Execution parted = new Execution(KEY);
      fold(parted, SHADOWED.subList(0, cut));

      // When
      parted = overTheShelf(parted);
      fold(parted, SHADOWED.subList(cut, SHADOWED.size()));

      // Then
      assertThat(overTheShelf(parted).state()).isEqualTo(overTheShelf(whole).state());
    }
  }

  @Test
  void shouldStillAnswerWhenItsLastFactWasAShadows() {
    // Given
    Execution execution = new Execution(KEY);
    fold(execution, SHADOWED);
    assertThat(execution.settled()).isTrue();

    // When
    Execution again = overTheShelf(execution);

    // Then
    assertThat(again.state()).isInstanceOf(Finished.class);
    Finished finished = (Finished) again.state();
    assertThat(finished.terminal()).isEqualTo(new ExecutionSucceeded(OUTPUT, Tier.MODEL));
    assertThat(finished.terminalSequence()).isEqualTo(6);
    assertThat(finished.sequence()).isEqualTo(7);
  }

  @Test
  void shouldKeepWhatComesAfterTheEnd() {
    // Given
    Execution execution = new Execution(KEY);
    fold(execution, SHADOWED);
    execution = overTheShelf(execution);

    // When
    fold(execution, List.of(new TruthReported(OUTPUT)));

    // Then
    assertThat(overTheShelf(execution).state()).isEqualTo(execution.state());
    assertThat(execution.state().sequence()).isEqualTo(8);
  }

  /// Else whoever lets a day pass may tell as many again.
  @Test
  void shouldCountTheTruthsThatAreNotOnTheShelfAnyMore() {
    // Given
    Execution execution = new Execution(KEY);
    fold(execution, SHADOWED);
    for (int i = 0; i < 3; i++) {
      fold(execution, List.of(new TruthReported(new Json(Integer.toString(i)))));

      // When
      execution = overTheShelf(execution);

      // Then
      assertThat(((Shelved.Facts) execution.shelved()).encoded()).hasSize(2);
      assertThat(execution.state().truths().told()).isEqualTo(i + 1);
    }
    fold(execution, List.of(new TruthReported(new Json("2"))));
    assertThat(execution.state().truths().newest())
        .isEqualTo(overTheShelf(execution).state().truths().newest());
  }

  /// As the shelf was written before it had them.
  @Test
  void shouldReadAShelfWithoutTruths() {
    byte[] fact = RouterContext.FACTS.encode(fact(SHADOWED.getFirst(), 1));
    var open = ByteBuffer.allocate(12 + fact.length).putLong(0).putInt(fact.length).put(fact);
    var ended = ByteBuffer.allocate(14).putLong(7).put("orders".getBytes(UTF_8));

    var facts = Shelved.Facts.read(open.flip());
    assertThat(facts.truths()).isEqualTo(Truths.NONE);
    assertThat(facts.encoded()).containsExactly(fact);
    assertThat(Shelved.Ended.read(ended.flip()))
        .isEqualTo(new Shelved.Ended("orders", Truths.NONE, 7));
  }

  @Test
  void shouldStandStillAlsoAfterTheShelfWhenAFactCannotBe() {
    // Given
    Execution execution = new Execution(KEY);
    fold(execution, SHADOWED.subList(0, 3));
    var impossible = fact(new TaskSucceeded(SHADOW, "x", OUTPUT, Usage.NONE), 4);

    // When
    try {
      execution.apply(impossible, RouterContext.FACTS.encode(impossible));
    } catch (ImpossibleFactException e) {
      execution.stop(impossible, RouterContext.FACTS.encode(impossible), e.getMessage());
    }

    // Then
    ExecutionState state = overTheShelf(execution).state();
    assertThat(state).isEqualTo(execution.state());
    assertThat(state.sequence()).isEqualTo(4);
    assertThat(((Quarantined) state).releaseFrom()).isEqualTo(Long.MAX_VALUE);

    // When a fact says so
    fold(execution, List.of(new ExecutionQuarantined("odd", 9)));

    // Then
    assertThat(overTheShelf(execution).state()).isEqualTo(execution.state());
    assertThat(((Quarantined) execution.state()).releaseFrom()).isEqualTo(9);
  }

  @Test
  void shouldKeepOnlyTheNumberOfFactsOfAnEvictedOne() {
    // Given
    Execution execution =
        Execution.unshelved(KEY, new Shelved.Ended("orders", Truths.NONE, 7), RouterContext.FACTS);

    // When
    fold(execution, List.of(new TruthReported(OUTPUT)));

    // Then
    assertThat(overTheShelf(execution).state()).isEqualTo(execution.state());
    assertThat(execution.state().sequence()).isEqualTo(8);
    assertThat(execution.state().truths().told()).isEqualTo(1);
  }

  /// However long a line is in use, it takes no more room than those who wait in it.
  @Test
  void shouldKeepOfALineOnlyThoseWhoWaitInIt() {
    // Given
    Execution line = new Execution(KEY);
    var one = RouterFixture.execution("one");
    var two = RouterFixture.execution("two");
    var three = RouterFixture.execution("three");
    fold(
        line,
        List.of(
            new LineJoined(one, AT, 1),
            new LineJoined(three, AT, 3),
            new LineJoined(two, AT, 2),
            new LineLeft(one)));

    // When
    Execution again = overTheShelf(line);

    // Then
    assertThat(((Shelved.Facts) line.shelved()).encoded()).hasSize(2);
    assertThat(again.state()).isEqualTo(line.state());
    fold(again, List.of(new LineLeft(two), new LineLeft(three)));
    assertThat(again.settled()).isTrue();
    assertThat(overTheShelf(again).state())
        .isEqualTo(new Evicted(RouterFixture.APP, Truths.NONE, 6));
    fold(again, List.of(new LineJoined(one, AT, 4)));
    assertThat(overTheShelf(again).state()).isEqualTo(again.state());
  }
}
