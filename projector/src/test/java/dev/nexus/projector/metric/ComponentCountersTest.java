package dev.nexus.projector.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.projector.Folded;
import dev.nexus.projector.Story;
import dev.nexus.projector.execution.ExecutionFold;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComponentCountersTest {
  private final Folded<ExecutionEvent> folded =
      Folded.with(new ExecutionFold(1_000, ComponentCounters::changes));

  private ComponentStats stats() {
    Map<String, Long> counters = new HashMap<>();
    folded
        .store()
        .fields(ComponentNames.counters(Story.TENANT, "triage", "classify"))
        .forEach((name, count) -> counters.put(name, Long.parseLong(count)));
    return new ComponentStats(counters);
  }

  @Test
  void shouldCountCallsLatencyAndSpendingByTier() {
    // When
    folded.all(Story.of("a").answeredByModel("classify", "1").facts());
    folded.all(Story.of("b").answeredByModel("classify", "1").facts());
    folded.all(Story.of("c").answeredByCode("classify", "1").facts());
    // Then
    ComponentStats stats = stats();
    assertThat(stats.count("accepted")).isEqualTo(3);
    assertThat(stats.succeeded("MODEL")).isEqualTo(2);
    assertThat(stats.succeeded("CODE")).isEqualTo(1);
    assertThat(stats.servedByCode()).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(stats.latencyMean("MODEL")).isEqualTo(50);
    assertThat(stats.latencyQuantile("MODEL", 0.5)).isEqualTo(51);
    assertThat(stats.tokensSpent()).isEqualTo(240);
    assertThat(stats.costMicrosSpent()).isEqualTo(600);
  }

  @Test
  void shouldEstimateSavingsByTheMeanModelCall() {
    // When
    folded.all(Story.of("a").answeredByModel("classify", "1").facts());
    folded.all(Story.of("b").answeredByCode("classify", "1").facts());
    folded.all(Story.of("c").answeredByCode("classify", "1").facts());
    // Then
    assertThat(stats().tokensSaved()).isEqualTo(240);
    assertThat(stats().costMicrosSaved()).isEqualTo(600);
  }

  @Test
  void shouldCompareAnswersWithTheTruthInTheirCanonicalForm() {
    // When
    folded.all(
        Story.of("a")
            .answeredByModel("classify", "{\"a\":1,\"b\":2}")
            .truth("{ \"b\": 2, \"a\": 1 }")
            .facts());
    folded.all(Story.of("b").answeredByCode("classify", "{\"a\":1}").truth("{\"a\":2}").facts());
    // Then
    assertThat(stats().accuracy("MODEL")).isEqualTo(1);
    assertThat(stats().compared("CODE")).isEqualTo(1);
    assertThat(stats().accuracy("CODE")).isZero();
  }

  @Test
  void shouldReplaceAnEarlierTruthByALaterOne() {
    // When
    folded.all(Story.of("a").answeredByModel("classify", "1").truth("2").truth("1").facts());
    // Then
    assertThat(stats().compared("MODEL")).isEqualTo(1);
    assertThat(stats().accuracy("MODEL")).isEqualTo(1);
  }

  @Test
  void shouldCompareATruthThatCameBeforeTheAnswer() {
    // When
    folded.all(
        Story.of("a")
            .accepted("classify")
            .step(Tier.MODEL)
            .truth("1")
            .succeeded(Tier.MODEL, "1")
            .facts());
    // Then
    assertThat(stats().accuracy("MODEL")).isEqualTo(1);
  }

  @Test
  void shouldCountADeoptAndPriceItsFallback() {
    // Given
    var serve = new TaskKey(1, Role.SERVE, 1);
    var fallback = new TaskKey(1, Role.FALLBACK, 1);
    // When
    folded.all(
        Story.of("a")
            .accepted("classify")
            .step(Tier.CODE)
            .then(new TaskDeoptimised(serve, "executor", "no repository", Usage.NONE))
            .then(
                new ExecutionEvent.TaskSucceeded(
                    fallback,
                    "executor",
                    new Json("1"),
                    new Usage("gpt", 10, 5, 7, 1, Duration.ofMillis(3))))
            .succeeded(Tier.MODEL, "1")
            .facts());
    // Then
    assertThat(stats().count("deopts")).isEqualTo(1);
    assertThat(stats().count("FALLBACK.costMicros")).isEqualTo(7);
    assertThat(stats().succeeded("MODEL")).isEqualTo(1);
    assertThat(stats().succeeded("CODE")).isZero();
  }

  @Test
  void shouldCountAFailureOfTheTierThatWasChosen() {
    // When
    folded.all(Story.of("a").accepted("classify").step(Tier.MODEL).failed().facts());
    // Then
    assertThat(stats().count("MODEL.failed")).isEqualTo(1);
    assertThat(stats().count("failure.TIMEOUT")).isEqualTo(1);
  }
}
