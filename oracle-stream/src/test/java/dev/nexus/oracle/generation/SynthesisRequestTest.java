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
        new SynthesisRequest(
            COMPONENT, 2, List.of(new Example(large, new Json("1"))), List.of(one, one, one));

    assertThat(request.counterexamples()).hasSize(1);
  }
}
