package dev.nexus.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.Tier;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LineCheckTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Line LINE = Line.of(TenantId.DEFAULT, "shop", "by-shop", "1");
  private static final ExecutionId FIRST = execution("first");
  private static final ExecutionId SECOND = execution("second");
  private static final ExecutionId THIRD = execution("third");

  private final LineCheck check = new LineCheck();
  private final Map<String, Long> sequences = new HashMap<>();

  @BeforeEach
  void accept() {
    accepted(FIRST);
    accepted(SECOND);
    accepted(THIRD);
  }

  @Test
  void shouldFindNothingWhereOneRunsAfterTheOther() {
    // Given: the third one was accepted before the second, and came into the line after it
    join(FIRST, 1);
    join(SECOND, 3);
    join(THIRD, 2);

    // When
    runs(FIRST, 10, 20);
    runs(THIRD, 20, 30);
    runs(SECOND, 35, 40);
    leave(FIRST);
    leave(THIRD);
    leave(SECOND);

    // Then
    assertThat(check.open()).isEmpty();
    assertThat(check.wrong()).isEmpty();
  }

  @Test
  void shouldFindTwoUnderWayAtOnce() {
    // Given
    join(FIRST, 1);
    join(SECOND, 2);

    // When
    runs(FIRST, 10, 20);
    runs(SECOND, 19, 30);
    leave(FIRST);
    leave(SECOND);

    // Then
    assertThat(check.wrong())
        .containsExactly(
            SECOND + " of line " + LINE.lineId() + " began before the end of " + FIRST);
  }

  @Test
  void shouldFindOneThatRanBeforeAnotherThatWasAcceptedBeforeIt() {
    // Given
    join(FIRST, 1);
    join(SECOND, 2);
    join(THIRD, 3);

    // When
    runs(FIRST, 10, 20);
    runs(THIRD, 20, 30);
    runs(SECOND, 30, 40);
    leave(FIRST);
    leave(SECOND);
    leave(THIRD);

    // Then
    assertThat(check.wrong())
        .containsExactly(
            THIRD + " of line " + LINE.lineId() + " began before the end of " + SECOND);
  }

  @Test
  void shouldFindAPlaceOfAnotherTimeThanItsExecutionWasAcceptedAt() {
    // Given
    join(FIRST, 1);
    add(LINE.id(), new LineJoined(SECOND, NOON.plusMillis(1), 2), 2);

    // When
    runs(FIRST, 10, 20);
    runs(SECOND, 20, 30);
    leave(FIRST);
    leave(SECOND);

    // Then
    assertThat(check.wrong())
        .containsExactly(
            SECOND
                + " of line "
                + LINE.lineId()
                + " waits since "
                + NOON.plusMillis(1)
                + ", and was accepted at "
                + NOON);
  }

  @Test
  void shouldFindOneThatBeganWithoutItsTurn() {
    // Given
    join(FIRST, 1);

    // When
    add(SECOND, step(), 10);
    add(THIRD, new TurnTaken(NOON), 10);
    leave(FIRST);

    // Then
    assertThat(check.wrong())
        .containsExactlyInAnyOrder(
            SECOND + " began without its turn in line " + LINE.lineId(),
            THIRD + " took a turn that line " + LINE.lineId() + " did not give");
  }

  @Test
  void shouldPassOverOneThatEndedWithoutItsTurn() {
    // Given
    join(FIRST, 1);
    join(SECOND, 2);
    join(THIRD, 3);

    // When
    add(SECOND, new ExecutionCancelled("sold"), 15);
    leave(SECOND);
    runs(FIRST, 10, 20);
    runs(THIRD, 21, 30);
    leave(FIRST);
    leave(THIRD);

    // Then
    assertThat(check.wrong()).isEmpty();
    assertThat(check.open()).isEmpty();
  }

  @Test
  void shouldFindPlacesThatAreTakenTwiceAndLeftByNobody() {
    // When
    join(FIRST, 1);
    join(FIRST, 1);
    leave(SECOND);

    // Then
    assertThat(check.wrong())
        .hasSize(2)
        .anyMatch(found -> found.endsWith(": it has its place"))
        .anyMatch(found -> found.endsWith(": it has no place"));
  }

  @Test
  void shouldNameThoseWhoHaveNotLeftTheirLine() {
    // When
    join(FIRST, 1);
    runs(FIRST, 10, 20);
    join(SECOND, 2);
    leave(FIRST);

    // Then
    assertThat(check.open())
        .containsExactlyInAnyOrder(
            SECOND + " is in line " + LINE.lineId(),
            SECOND + " has not left line " + LINE.lineId(),
            THIRD + " has not left line " + LINE.lineId());
  }

  private void accepted(ExecutionId id) {
    add(
        id,
        new ExecutionAccepted(
            "pack", "digest", Json.NULL, "body", NOON, ReplyAddress.NOBODY, "trigger", LINE),
        1);
  }

  private void join(ExecutionId id, long place) {
    add(LINE.id(), new LineJoined(id, NOON, place), 2);
  }

  private void leave(ExecutionId id) {
    add(LINE.id(), new LineLeft(id), 100);
  }

  private void runs(ExecutionId id, long begun, long ended) {
    add(id, new TurnTaken(NOON), begun);
    add(id, step(), begun);
    add(id, new ExecutionSucceeded(Json.NULL, Tier.BUILTIN), ended);
  }

  private static StepStarted step() {
    return new StepStarted(1, Tier.BUILTIN, "identity", "", -1, false);
  }

  private void add(ExecutionId id, ExecutionEvent body, long taken) {
    long sequence = sequences.merge(id.toString(), 1L, Long::sum);
    var envelope =
        new Envelope(
            NameIds.uuid5("fact", id.toString(), Long.toString(sequence)),
            NOON,
            TenantId.DEFAULT,
            "shop",
            id.toString(),
            sequence,
            "",
            "",
            "service:test",
            "",
            Position.NONE);
    boolean end = body instanceof ExecutionSucceeded || body instanceof ExecutionCancelled;
    check.add(new Event<>(envelope, body), end, taken);
  }

  private static ExecutionId execution(String name) {
    return ExecutionId.ofIdempotencyKey(TenantId.DEFAULT, "shop", "pack", name);
  }
}
