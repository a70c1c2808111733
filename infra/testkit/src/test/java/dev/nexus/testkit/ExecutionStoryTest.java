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
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutionStoryTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final ExecutionId ID =
      ExecutionId.ofIdempotencyKey(TenantId.DEFAULT, "shop", "pack", "one");
  private static final ExecutionEvent SUCCESS = new ExecutionSucceeded(Json.NULL, Tier.CODE);

  private final ExecutionStory story = new ExecutionStory("shop");
  private final List<String> wrong = new ArrayList<>();

  @Test
  void shouldFindNothingWhereShadowsAndAuditsGoOnAfterASuccess() {
    // When
    add(1, accepted());
    add(2, succeeded(Role.SERVE));
    add(3, SUCCESS);
    add(4, failed(Role.SHADOW));
    add(5, started(Role.AUDIT));
    add(6, new TruthReported(Json.NULL));
    add(7, succeeded(Role.AUDIT));

    // Then
    assertThat(wrong).isEmpty();
    assertThat(story.end()).isEqualTo("ExecutionSucceeded");
    assertThat(story.last()).isEqualTo("TaskSucceeded");
    assertThat(story.request()).isEqualTo(place(1));
  }

  @Test
  void shouldFindWorkForACallerAfterTheEnd() {
    // When
    add(1, accepted());
    add(2, succeeded(Role.FALLBACK));
    add(3, SUCCESS);
    add(4, failed(Role.SERVE));
    add(5, started(Role.FALLBACK));

    // Then
    assertThat(wrong)
        .containsExactly(
            "TaskFailed 4 of " + ID + " after the end ExecutionSucceeded",
            "TaskStarted 5 of " + ID + " after the end ExecutionSucceeded");
  }

  @Test
  void shouldFindAnyWorkAfterAnEndThatIsNoSuccess() {
    // When
    add(1, accepted());
    add(2, new ExecutionCancelled("sold"));
    add(3, succeeded(Role.SHADOW));

    // Then
    assertThat(wrong)
        .containsExactly("TaskSucceeded 3 of " + ID + " after the end ExecutionCancelled");
  }

  @Test
  void shouldFindASecondEndAndWorkThatCountsTwiceAndWhatIsMissing() {
    // When
    add(1, accepted());
    add(2, succeeded(Role.SERVE));
    add(3, succeeded(Role.SERVE));
    add(4, SUCCESS);
    add(6, SUCCESS);

    // Then
    assertThat(wrong)
        .containsExactly(
            "TaskSucceeded 3 of " + ID + ": work that counted before",
            "ExecutionSucceeded 6 of " + ID + " after 4",
            "ExecutionSucceeded 6 of " + ID + " after the end ExecutionSucceeded");
  }

  private void add(long sequence, ExecutionEvent body) {
    var envelope =
        new Envelope(
            NameIds.uuid5("fact", ID.toString(), Long.toString(sequence)),
            NOON,
            TenantId.DEFAULT,
            "shop",
            ID.toString(),
            sequence,
            "",
            "",
            "service:test",
            "",
            place(sequence));
    wrong.addAll(story.add(new Event<>(envelope, body)));
  }

  private static Position place(long offset) {
    return new Position("nexus.requests", 0, offset);
  }

  private static ExecutionAccepted accepted() {
    return new ExecutionAccepted(
        "pack", "digest", Json.NULL, "body", NOON, ReplyAddress.NOBODY, "http");
  }

  private static TaskStarted started(Role role) {
    return new TaskStarted(task(role), "an executor", Duration.ofSeconds(3));
  }

  private static TaskSucceeded succeeded(Role role) {
    return new TaskSucceeded(task(role), "an executor", Json.NULL, Usage.NONE);
  }

  private static TaskFailed failed(Role role) {
    return new TaskFailed(
        task(role), "an executor", FailureClass.UPSTREAM, "away", Instant.EPOCH, Usage.NONE);
  }

  private static TaskKey task(Role role) {
    return new TaskKey(1, role, 1);
  }
}
