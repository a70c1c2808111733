package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComponentDefinitionTest {
  private static final JsonNode ANYTHING = JsonNodeFactory.instance.objectNode();

  @Test
  void shouldKeepTheIdentityThatReleasedEvidenceNames() {
    assertThat(component("sort", "small", "model").identityDigest())
        .isEqualTo("8287ca7b38f58d887626c1cdbee1d816f606146dde7e72472338dcf7cda1fcd0");
  }

  @Test
  void shouldSayWhatMadeItAnotherOne() {
    var before = component("sort", "small", "model");

    assertThat(component("sort", "small", "model").changesSince(before)).isEmpty();
    assertThat(component("sort anew", "small", "model").changesSince(before))
        .containsExactly("the prompt");
    assertThat(component("sort anew", "large", "reported").changesSince(before))
        .containsExactly("the model", "the prompt", "what decides a comparison");
  }

  private static ComponentDefinition component(String prompt, String model, String truth) {
    return new ComponentDefinition(
        "triage",
        "sorts",
        HandlerType.LLM,
        Map.of("promptTemplate", text(prompt), "model", text(model)),
        ANYTHING,
        ANYTHING,
        "equal",
        truth,
        Duration.ofSeconds(30),
        RetryPolicy.DEFAULT,
        PromotionPolicy.OFF);
  }

  private static JsonNode text(String value) {
    return JsonNodeFactory.instance.textNode(value);
  }
}
