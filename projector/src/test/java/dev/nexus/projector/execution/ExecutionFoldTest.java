package dev.nexus.projector.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.task.Tier;
import dev.nexus.projector.Folded;
import dev.nexus.projector.Story;
import dev.nexus.projector.rebuild.Content;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.KeptFact;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Slot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ExecutionFoldTest {
  private final Folded<ExecutionEvent> folded =
      Folded.with(new ExecutionFold(2, (before, envelope, fact) -> List.of()));

  private ExecutionView view(Story story) {
    return new ExecutionView(
        folded.store().fields(ExecutionNames.summary(Story.TENANT, story.id().toString())));
  }

  private Content content(Key key) {
    return folded.store().contents().getOrDefault(key, new Content.Items(List.of()));
  }

  @Test
  void shouldSummariseAnExecutionFromItsFacts() {
    // Given
    Story story = Story.of("one").answeredByModel("classify", "{\"a\":1}");
    // When
    folded.all(story.facts());
    // Then
    ExecutionView view = view(story);
    assertThat(view.status()).isEqualTo(ExecutionStatus.SUCCEEDED);
    assertThat(view.app()).isEqualTo("triage");
    assertThat(view.component()).isEqualTo("classify");
    assertThat(view.tier()).isEqualTo("MODEL");
    assertThat(view.sequence()).isEqualTo(6);
    assertThat(view.finishedAt() - view.acceptedAt()).isEqualTo(50);
    assertThat(view.fields())
        .containsAllEntriesOf(
            Map.of("promptTokens", "100", "costMicros", "300", "output", "{\"a\":1}"));
  }

  @Test
  void shouldKeepEveryFactInOrder() {
    // Given
    Story story = Story.of("one").answeredByModel("classify", "1");
    // When
    folded.all(story.facts());
    // Then
    var facts = content(ExecutionNames.facts(Story.TENANT, story.id().toString()));
    assertThat(facts)
        .isInstanceOfSatisfying(
            Content.Bytes.class,
            bytes ->
                assertThat(
                        KeptFact.parseAll(
                            bytes.latin().toString().getBytes(StandardCharsets.ISO_8859_1)))
                    .extracting(KeptFact::offset)
                    .containsExactly(0L, 1L, 2L, 3L, 4L, 5L));
  }

  @Test
  void shouldCountARepeatedFactOnce() {
    // Given
    Story story = Story.of("one").answeredByModel("classify", "1");
    folded.all(story.facts());
    // When
    List<Mutation> again = folded.one(story.facts().get(3));
    // Then
    assertThat(again)
        .containsExactly(new Mutation.PutView(ExecutionNames.PARTITION, Map.of("repeated", "1")));
  }

  @Test
  void shouldMoveAnExecutionBetweenTheListsOfItsStatus() {
    // Given
    Story story = Story.of("one").accepted("classify").step(Tier.MODEL);
    folded.all(story.facts());
    assertThat(content(ExecutionNames.ofStatus(Story.TENANT, ExecutionStatus.RUNNING)).isEmpty())
        .isFalse();
    // When
    folded.one(story.failed().last());
    // Then
    assertThat(content(ExecutionNames.ofStatus(Story.TENANT, ExecutionStatus.RUNNING)).isEmpty())
        .isTrue();
    assertThat(content(ExecutionNames.ofStatus(Story.TENANT, ExecutionStatus.FAILED)))
        .isEqualTo(new Content.Scores(Map.of(story.id().toString(), Story.BEGIN.toEpochMilli())));
    assertThat(view(story).fields()).containsEntry("failure", "TIMEOUT");
  }

  @Test
  void shouldEvictTheExecutionThatFinishedFirst() {
    // Given
    Story open = Story.of("open").accepted("classify");
    folded.all(open.facts());
    List<Story> finished =
        List.of("a", "b", "c").stream()
            .map(name -> Story.of(name).answeredByModel("classify", "1"))
            .toList();
    // When
    finished.forEach(story -> folded.all(story.facts()));
    // Then
    assertThat(view(finished.get(0)).exists()).isFalse();
    assertThat(view(finished.get(1)).exists()).isTrue();
    assertThat(view(finished.get(2)).exists()).isTrue();
    assertThat(view(open).exists()).isTrue();
    assertThat(content(ExecutionNames.all(Story.TENANT)))
        .isInstanceOfSatisfying(
            Content.Scores.class,
            ids ->
                assertThat(ids.scores().keySet())
                    .containsExactlyInAnyOrder(
                        open.id().toString(),
                        finished.get(1).id().toString(),
                        finished.get(2).id().toString()));
  }

  @Test
  void shouldPassOverFactsOfAnEvictedExecution() {
    // Given
    List<Story> finished =
        List.of("a", "b", "c").stream()
            .map(name -> Story.of(name).answeredByModel("classify", "1"))
            .toList();
    finished.forEach(story -> folded.all(story.facts()));
    // When
    List<Mutation> late = folded.one(finished.getFirst().truth("1").last());
    // Then
    assertThat(late)
        .containsExactly(new Mutation.PutView(ExecutionNames.PARTITION, Map.of("late", "1")));
  }

  @Test
  void shouldSayTheSameOfAnEvictedExecutionWhoseSummaryIsStillAtHand() {
    // Given
    var fold = new ExecutionFold(1, (before, envelope, fact) -> List.of());
    Story first = Story.of("a").answeredByModel("classify", "1");
    Folded<ExecutionEvent> own = Folded.with(fold).all(first.facts());
    Map<String, String> remembered =
        own.store().fields(ExecutionNames.summary(Story.TENANT, first.id().toString()));
    own.all(Story.of("b").answeredByModel("classify", "1").facts());
    Map<String, String> partition = own.store().fields(ExecutionNames.PARTITION);
    Event<ExecutionEvent> truth = first.truth("1").last();
    // When
    var fact =
        new Fact<>(new Slot("t", 0), 99, "k", truth, ByteBuffer.wrap(fold.codec().encode(truth)));
    List<Mutation> late =
        fold.fold(fact, key -> key.equals(ExecutionNames.PARTITION) ? partition : remembered);
    // Then
    assertThat(late)
        .containsExactly(new Mutation.PutView(ExecutionNames.PARTITION, Map.of("late", "1")));
  }

  @Test
  void shouldReturnAReleasedExecutionToWhereItStood() {
    // Given
    Story story = Story.of("one").accepted("classify").then(new ExecutionQuarantined("odd"));
    folded.all(story.facts());
    assertThat(view(story).status()).isEqualTo(ExecutionStatus.QUARANTINED);
    // When
    folded.one(story.then(new ExecutionReleased(false)).last());
    // Then
    assertThat(view(story).status()).isEqualTo(ExecutionStatus.RUNNING);
    assertThat(view(story).finishedAt()).isZero();
  }

  @Test
  void shouldFinishADiscardedExecution() {
    // Given
    Story story = Story.of("one").accepted("classify").then(new ExecutionQuarantined("odd"));
    // When
    folded.all(story.then(new ExecutionReleased(true)).facts());
    // Then
    assertThat(view(story).status()).isEqualTo(ExecutionStatus.DISCARDED);
    assertThat(view(story).ordinal()).isEqualTo(1);
  }

  @Test
  void shouldKeepWhyAnExecutionWasCancelled() {
    // Given
    Story story = Story.of("one").accepted("classify");
    // When
    folded.all(story.then(new ExecutionCancelled("no longer needed")).facts());
    // Then
    assertThat(view(story).status()).isEqualTo(ExecutionStatus.CANCELLED);
    assertThat(view(story).fields()).containsEntry("reason", "no longer needed");
  }

  @Test
  void shouldKeepLargeOutputsByFingerprint() {
    // Given
    String large = "{\"text\":\"" + "x".repeat(5_000) + "\"}";
    Story story = Story.of("one").answeredByModel("classify", large);
    // When
    folded.all(story.facts());
    // Then
    assertThat(view(story).output().text()).isEmpty();
    assertThat(view(story).output().agreesWith(Answer.of(new Json(large.replace(":", " : ")))))
        .isTrue();
  }

  @Test
  void shouldRefuseAFactOutsideOfAnyExecution() {
    // Given
    var envelope = Envelope.of(new UUID(1, 2), Story.BEGIN, Story.TENANT, "triage", "service:test");
    Event<ExecutionEvent> fact = new Event<>(envelope, new ExecutionCancelled("why"));
    // Then
    assertThatThrownBy(() -> folded.one(fact)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldShowThatAnExecutionWaitsForItsTurn() {
    // Given
    Line line = Line.of(Story.TENANT, "triage", "by-shop", "7");
    Story story = Story.of("one").waiting("classify", line);
    folded.all(story.facts());

    // Then
    assertThat(view(story).status()).isEqualTo(ExecutionStatus.WAITING);
    assertThat(view(story).line()).isEqualTo("triage/by-shop 7");
    assertThat(listed(ExecutionStatus.WAITING)).contains(story.id().toString());
    assertThat(listed(ExecutionStatus.RUNNING)).doesNotContain(story.id().toString());

    // When
    int before = story.facts().size();
    story.after(Duration.ofHours(1)).then(new TurnTaken(Instant.EPOCH));
    story.step(Tier.MODEL).succeeded(Tier.MODEL, "1");
    folded.all(story.facts().subList(before, before + 1));

    // Then
    assertThat(view(story).status()).isEqualTo(ExecutionStatus.RUNNING);
    assertThat(listed(ExecutionStatus.WAITING)).doesNotContain(story.id().toString());
    assertThat(listed(ExecutionStatus.RUNNING)).contains(story.id().toString());
    folded.all(story.facts().subList(before + 1, story.facts().size()));
    assertThat(view(story).finishedAt() - view(story).beganAt()).isLessThan(1_000);
  }

  /// Lines have ids and facts of their own, and are no executions.
  @Test
  void shouldTakeNoNoticeOfLines() {
    // Given
    Story line = Story.of("line").then(new LineJoined(Story.of("one").id(), Instant.EPOCH, 1));
    line.then(new LineLeft(Story.of("one").id()));

    // When
    folded.all(line.facts());

    // Then
    assertThat(folded.store().contents()).isEmpty();
  }

  private String listed(ExecutionStatus status) {
    return content(ExecutionNames.ofStatus(Story.TENANT, status)).toString();
  }
}
