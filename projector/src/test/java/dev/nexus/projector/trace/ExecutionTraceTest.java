package dev.nexus.projector.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.event.trace.SpanIds;
import dev.nexus.projector.Story;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ExecutionTraceTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final TaskKey FIRST = new TaskKey(1, Role.SERVE, 1);
  private static final TaskKey AUDIT = new TaskKey(1, Role.AUDIT, 1);

  @Test
  void shouldTellOneRequestThroughEveryHop() {
    // When
    Map<String, Span> spans =
        byName(trace(Story.of("hops").answeredByModel("classify", "1"), "01"));

    // Then
    assertThat(spans)
        .containsOnlyKeys(
            "invoke classify", "accept classify", "task classify", "prompt classify", "chat gpt");
    Span execution = spans.get("invoke classify");
    assertThat(execution.parentId()).isEqualTo(CALLER);
    assertThat(spans.get("accept classify").parentId()).isEqualTo(execution.spanId());
    assertThat(spans.get("task classify").parentId()).isEqualTo(execution.spanId());
    assertThat(spans.get("prompt classify").parentId())
        .isEqualTo(spans.get("task classify").spanId());
    assertThat(spans.get("chat gpt").parentId()).isEqualTo(spans.get("prompt classify").spanId());
    assertThat(spans.get("chat gpt").spanId())
        .as("the id that the model is told")
        .isEqualTo(SpanIds.ofChat(Story.of("hops").id().toString(), FIRST));
    assertThat(spans.values())
        .allSatisfy(
            span -> {
              assertThat(span.traceId()).isEqualTo(TRACE);
              assertThat(span.spanId()).hasSize(16);
              assertThat(span.begin()).isBetween(execution.begin(), span.end());
              assertThat(span.end()).isBeforeOrEqualTo(execution.end());
            });
    assertThat(spans.get("chat gpt").attributes())
        .containsEntry("gen_ai.operation.name", "chat")
        .containsEntry("gen_ai.response.model", "gpt")
        .containsEntry("gen_ai.usage.input_tokens", 100L)
        .containsEntry("gen_ai.usage.output_tokens", 20L);
    assertThat(spans.get("prompt classify").source())
        .isEqualTo(new Span.Source("nexus-sandbox-executor", "executor-1"));
  }

  @Test
  void shouldTellWorkOfCodeAsATool() {
    // When
    Map<String, Span> spans = byName(trace(Story.of("code").answeredByCode("classify", "1"), "01"));

    // Then
    assertThat(spans)
        .containsOnlyKeys(
            "invoke classify", "accept classify", "task classify", "execute_tool classify");
    assertThat(spans.get("execute_tool classify").attributes())
        .containsEntry("gen_ai.operation.name", "execute_tool")
        .containsEntry("gen_ai.tool.name", "classify");
  }

  @Test
  void shouldGiveTheSameSpansAgain() {
    Story story = Story.of("again").answeredByModel("classify", "1");
    assertThat(trace(story, "01")).isEqualTo(trace(story, "01"));
  }

  @Test
  void shouldTellNothingOfATraceThatItsCallerDoesNotRecord() {
    assertThat(trace(Story.of("unsampled").answeredByModel("classify", "1"), "00")).isEmpty();
  }

  @Test
  void shouldMakeATraceOfItsOwnWhereTheCallerHasNone() {
    // Given
    Story story = Story.of("alone").answeredByModel("classify", "1");

    // When
    List<Span> spans = spans(story.facts());

    // Then
    String own = story.id().toString().replace("-", "");
    assertThat(spans).isNotEmpty().allMatch(span -> span.traceId().equals(own));
    assertThat(byName(spans).get("invoke classify").parentId()).isEmpty();
  }

  @Test
  void shouldTellEveryAttempt() {
    // Given
    Story story = Story.of("attempts").accepted("classify");
    story.step(Tier.MODEL).then(new TaskStarted(FIRST, "executor-1", Duration.ofSeconds(30)));
    story.then(
        new TaskFailed(
            FIRST,
            "executor-1",
            FailureClass.UPSTREAM,
            "HTTP 500",
            Story.BEGIN.plusSeconds(1),
            Usage.ofTime(Duration.ofMillis(1))));
    story.after(Duration.ofSeconds(1));
    story.then(new TaskRequested(FIRST.next(), Lane.MODEL, "", Story.BEGIN.plusSeconds(60)));
    story.then(
        new TaskSucceeded(
            FIRST.next(),
            "executor-2",
            new Json("1"),
            new Usage("gpt", 1, 1, 1, 1, Duration.ofMillis(5))));
    story.succeeded(Tier.MODEL, "1");

    // When
    List<Span> tasks =
        trace(story, "01").stream().filter(span -> span.name().startsWith("task")).toList();

    // Then
    assertThat(tasks).extracting(Span::failure).containsExactly("UPSTREAM", "");
    assertThat(tasks)
        .extracting(span -> span.attributes().get("nexus.attempt"))
        .containsExactly(1L, 2L);
    assertThat(tasks).extracting(Span::spanId).doesNotHaveDuplicates();
  }

  /// What compares goes on after the caller has the answer; what serves is over with the execution.
  @Test
  void shouldRememberAnExecutionUntilTheLastWorkOfIt() {
    // Given
    Story story = Story.of("audit").accepted("classify").step(Tier.CODE);
    story.then(new TaskRequested(AUDIT, Lane.MODEL, "", Story.BEGIN.plusSeconds(60)));
    story.worked(Usage.ofTime(Duration.ofMillis(1)), "1").succeeded(Tier.CODE, "1");
    ExecutionTrace open = begun(story.facts());
    List<Span> before = take(open, story.facts());
    assertThat(open.over()).isFalse();

    // When
    story.then(
        new TaskSucceeded(
            AUDIT,
            "executor-1",
            new Json("1"),
            new Usage("gpt", 1, 1, 1, 1, Duration.ofMillis(5))));
    List<Span> after = take(open, List.of(story.last()));

    // Then
    assertThat(before).extracting(Span::name).contains("invoke classify");
    assertThat(after)
        .extracting(Span::name)
        .containsExactly("task classify", "prompt classify", "chat gpt");
    assertThat(open.over()).isTrue();
  }

  @Test
  void shouldTellWhatACancelledExecutionBrokeOff() {
    // Given
    Story story = Story.of("cancelled").accepted("classify").step(Tier.MODEL);
    story.then(new ExecutionCancelled("no longer wanted"));

    // When
    ExecutionTrace open = begun(story.facts());
    Map<String, Span> spans = byName(take(open, story.facts()));

    // Then
    assertThat(open.over()).isTrue();
    assertThat(spans).containsOnlyKeys("invoke classify", "accept classify", "task classify");
    assertThat(spans.get("task classify").attributes()).containsEntry("nexus.result", "broken_off");
    assertThat(spans.get("invoke classify").attributes())
        .containsEntry("nexus.result", "cancelled");
  }

  private static List<Span> trace(Story story, String flags) {
    String traceparent = "00-" + TRACE + "-" + CALLER + "-" + flags;
    return spans(story.facts().stream().map(fact -> tracedFact(fact, traceparent)).toList());
  }

  private static Event<ExecutionEvent> tracedFact(Event<ExecutionEvent> fact, String traceparent) {
    var envelope = fact.envelope();
    return new Event<>(
        envelope.causedBy(envelope.eventId(), envelope.correlationId(), traceparent), fact.body());
  }

  private static List<Span> spans(List<Event<ExecutionEvent>> facts) {
    return ExecutionTrace.begun(facts.getFirst(), written(facts.getFirst()))
        .map(open -> take(open, facts))
        .orElse(List.of());
  }

  private static ExecutionTrace begun(List<Event<ExecutionEvent>> facts) {
    return ExecutionTrace.begun(facts.getFirst(), written(facts.getFirst())).orElseThrow();
  }

  private static List<Span> take(ExecutionTrace open, List<Event<ExecutionEvent>> facts) {
    List<Span> spans = new ArrayList<>();
    facts.forEach(fact -> spans.addAll(open.take(fact, written(fact))));
    return spans;
  }

  /// The log takes a fact two milliseconds after what it says happened.
  private static Instant written(Event<ExecutionEvent> fact) {
    return fact.envelope().occurredAt().plusMillis(2);
  }

  private static Map<String, Span> byName(List<Span> spans) {
    return spans.stream().collect(Collectors.toMap(Span::name, Function.identity()));
  }
}
