package dev.nexus.oracle.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.oracle.generation.SynthesisRequest.Counterexample;
import dev.nexus.oracle.generation.SynthesisRequest.Example;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SynthesisRequestTest {
  private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();
  private static final ComponentDefinition COMPONENT =
      new ComponentDefinition(
          "triage",
          "sorts",
          HandlerType.LLM,
          Map.of("promptTemplate", JsonNodeFactory.instance.textNode("Sort {{ input }}")),
          NOTHING,
          NOTHING,
          "equal",
          "reported",
          Duration.ofSeconds(30),
          RetryPolicy.DEFAULT,
          PromotionPolicy.OFF);

  @Test
  void shouldTellTheGeneratorEverythingItMayKnow() {
    var request =
        new SynthesisRequest(
            COMPONENT,
            2,
            List.of(new Example(new Json("{\"a\":1}"), new Json("2"))),
            List.of(
                new Counterexample(new Json("{\"a\":3}"), new Json("4"), false),
                new Counterexample(new Json("{\"a\":5}"), new Json("6"), true)));

    JsonNode body = CanonicalJson.read(request.toJson());

    assertThat(body.path("component").asText()).isEqualTo("triage");
    assertThat(body.path("prompt").asText()).isEqualTo("Sort {{ input }}");
    assertThat(body.path("candidate").asInt()).isEqualTo(2);
    assertThat(body.path("contract").asText()).contains("handle(input)", "deopt(");
    assertThat(body.path("examples").toString()).isEqualTo("[{\"input\":{\"a\":1},\"output\":2}]");
    assertThat(body.path("counterexamples").get(0).path("candidateWas").asText())
        .isEqualTo("wrong");
    assertThat(body.path("counterexamples").get(1).path("candidateWas").asText())
        .isEqualTo("declined");
  }

  @Test
  void shouldLeaveOutCounterexamplesThatDoNotFit() {
    var large = new Json("\"" + "x".repeat(300_000) + "\"");
    var one = new Counterexample(large, new Json("1"), false);

    var request =
        SynthesisRequest.fitting(
                COMPONENT, 2, List.of(new Example(large, new Json("1"))), List.of(one, one, one))
            .orElseThrow();

    assertThat(request.counterexamples()).hasSize(1);
    assertThat(request.toJson().text()).hasSizeLessThan(SynthesisRequest.MOST_CHARACTERS);
  }

  @Test
  void shouldShowTheExamplesThatFit() {
    var small = new Example(new Json("1"), new Json("2"));
    var large = new Example(new Json("\"" + "x".repeat(200_000) + "\""), new Json("3"));
    var huge = new Example(new Json("\"" + "x".repeat(800_000) + "\""), new Json("4"));

    var request =
        SynthesisRequest.fitting(
            COMPONENT, 1, List.of(huge, large, large, large, large, small), List.of());

    assertThat(request.orElseThrow().examples()).containsExactly(large, large, large, small);
    assertThat(request.get().toJson().text()).hasSizeLessThan(SynthesisRequest.MOST_CHARACTERS);
    assertThat(SynthesisRequest.fitting(COMPONENT, 1, List.of(huge), List.of())).isEmpty();
  }
}
