package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.task.Lane;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ComponentDefinitionTest {
  private static final JsonNode ANYTHING = JsonNodeFactory.instance.objectNode();
  private static final JsonNode TEXT = CanonicalJson.read("{\"type\": \"string\"}");
  private static final String SORT = "sort";

  @Test
  void shouldKeepTheIdentityThatReleasedEvidenceNames() {
    assertThat(component(SORT, "small", "model").identityDigest())
        .isEqualTo("8287ca7b38f58d887626c1cdbee1d816f606146dde7e72472338dcf7cda1fcd0");
  }

  @Test
  void shouldSayWhatMadeItAnotherOne() {
    var before = component(SORT, "small", "model");

    assertThat(component(SORT, "small", "model").changesSince(before)).isEmpty();
    assertThat(component("sort anew", "small", "model").changesSince(before))
        .containsExactly("the prompt");
    assertThat(component("sort anew", "large", "reported").changesSince(before))
        .containsExactly("the model", "the prompt", "what decides a comparison");
  }

  /// Each record component, changed alone: the words of the change, or none where it does not
  /// count. Answers stay comparable over those.
  static Stream<Arguments> changes() {
    return Stream.of(
        arguments("handlerType", HandlerType.BUILTIN, "the handler"),
        arguments("taskDetails", details("promptTemplate", "sort anew"), "the prompt"),
        arguments("taskDetails", details("model", "large"), "the model"),
        arguments("taskDetails", details("parameters", "hot"), "the model's parameters"),
        arguments("taskDetails", details("language", "javascript"), "language"),
        arguments("inputSchema", TEXT, "the input schema"),
        arguments("outputSchema", TEXT, "the output schema"),
        arguments("comparator", "similar", "the comparator"),
        arguments("truth", "reported", "what decides a comparison"),
        arguments("componentId", "another", ""),
        arguments("description", "sorts well", ""),
        arguments("timeout", Duration.ofSeconds(31), ""),
        arguments("retry", new RetryPolicy(9, Duration.ZERO, Duration.ZERO), ""),
        arguments(
            "promotion",
            new PromotionPolicy("auto", 0.9, 0.01, 1, 2, 3, Duration.ZERO, 4, List.of(5), 6, 7, 8),
            ""),
        arguments("pool", "tools", ""));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void shouldBeAnotherIdentityWhenWhatMakesAnswersComparableIsAnother(
      String field, Object value, String inWords) throws ReflectiveOperationException {
    // Given
    var before = component(SORT, "small", "model");

    // When
    var after = with(before, field, value);

    // Then
    if (inWords.isEmpty()) {
      assertThat(after).isNotEqualTo(before);
      assertThat(after.identityDigest()).isEqualTo(before.identityDigest());
      assertThat(after.changesSince(before)).isEmpty();
    } else {
      assertThat(after.identityDigest()).isNotEqualTo(before.identityDigest());
      assertThat(after.changesSince(before)).containsExactly(inWords);
    }
  }

  @Test
  void shouldHaveDecidedOfEveryFieldWhetherItCounts() {
    assertThat(changes().map(change -> change.get()[0]).distinct())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ComponentDefinition.class.getRecordComponents())
                .<Object>map(RecordComponent::getName)
                .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "JIT, '', CODE",
    "JIT, tools, CONTAINER",
    "LLM, tools, MODEL",
    "BUILTIN, tools, CODE",
  })
  void shouldRunScriptsOfPoolsInContainers(HandlerType handler, String pool, Lane lane)
      throws ReflectiveOperationException {
    var one = with(component(SORT, "small", "model"), "handlerType", handler);
    assertThat(with(one, "pool", pool).lane()).isEqualTo(lane);
  }

  private static ComponentDefinition with(ComponentDefinition before, String field, Object value)
      throws ReflectiveOperationException {
    RecordComponent[] components = ComponentDefinition.class.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] =
          components[i].getName().equals(field)
              ? value
              : components[i].getAccessor().invoke(before);
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    return ComponentDefinition.class.getDeclaredConstructor(types).newInstance(values);
  }

  private static Map<String, JsonNode> details(String name, String value) {
    Map<String, JsonNode> details =
        new HashMap<>(Map.of("promptTemplate", text(SORT), "model", text("small")));
    details.put(name, text(value));
    return details;
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
