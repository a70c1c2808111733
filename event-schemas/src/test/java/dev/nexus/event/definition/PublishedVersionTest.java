package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedVersionTest {
  private static final Json BUNDLE = CanonicalJson.toJson(application());

  private static ApplicationDefinition application() {
    var schema = JsonNodeFactory.instance.objectNode();
    var component =
        new ComponentDefinition(
            "classify",
            "says what it is",
            HandlerType.LLM,
            Map.of(),
            schema,
            schema,
            "equal",
            "reported",
            Duration.ofSeconds(30),
            RetryPolicy.DEFAULT,
            PromotionPolicy.OFF);
    var trigger = new TriggerDefinition("t", "*", "", "", "", "", Map.of(), "classify");
    var integration = new IntegrationDefinition("i", "urn:i", IntegrationDefinition.NONE, "", "");
    return new ApplicationDefinition(
        "lab", "Lab", "1", List.of(component), List.of(trigger), List.of(integration), Map.of());
  }

  private static VersionPublished version(Json bundle) {
    return new VersionPublished(NameIds.sha256(bundle.text()), "revision", bundle);
  }

  private static Arguments without(String field, Consumer<ObjectNode> removal) {
    return arguments(field, removal);
  }

  static Stream<Arguments> lacking() {
    return Stream.concat(
        Stream.of("components", "triggers", "integrations", "configuration", "version")
            .map(field -> without(field, all -> all.remove(field))),
        Stream.of("componentId", "handlerType", "taskDetails", "inputSchema", "retry", "promotion")
            .map(field -> without(field, all -> component(all).remove(field))));
  }

  private static ObjectNode component(ObjectNode bundle) {
    return (ObjectNode) bundle.at("/components/0");
  }

  private static Json with(Consumer<ObjectNode> change) {
    ObjectNode bundle = (ObjectNode) CanonicalJson.read(BUNDLE);
    change.accept(bundle);
    return new Json(CanonicalJson.write(bundle));
  }

  @Test
  void shouldReadWhatAServicePublishes() {
    assertThat(PublishedVersion.read("lab", version(BUNDLE))).isEqualTo(application());
  }

  @ParameterizedTest
  @MethodSource("lacking")
  void shouldRefuseAVersionThatLacksAPart(String field, Consumer<ObjectNode> removal) {
    assertThatThrownBy(() -> PublishedVersion.read("lab", version(with(removal))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(field + " expected, found nothing");
  }

  @Test
  void shouldRefuseNumbersThatNobodyCanGoBy() {
    refuse(all -> component(all).put("timeout", "PT-1S"), "timeout of 0 to 366 days");
    refuse(all -> component(all).put("timeout", "PT2562047788015H"), "timeout of 0 to 366 days");
    refuse(
        all -> ((ObjectNode) component(all).get("retry")).put("maxAttempts", 0), "maxAttempts of");
    refuse(all -> ((ObjectNode) component(all).get("promotion")).put("alpha", 2), "alpha of 0");
    refuse(
        all -> ((ObjectNode) component(all).get("promotion")).putArray("canaryPermille").addNull(),
        "canaryPermille expected");
    refuse(all -> all.withArray("components").add(component(all).deepCopy()), "one classify");
  }

  private static void refuse(Consumer<ObjectNode> change, String reason) {
    assertThatThrownBy(() -> PublishedVersion.read("lab", version(with(change))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void shouldRefuseAnotherApplicationAndAnotherContentThanItsDigestSays() {
    var other = new VersionPublished(NameIds.sha256("other"), "revision", BUNDLE);
    assertThatThrownBy(() -> PublishedVersion.read("lab", other))
        .hasMessageContaining("a bundle of the digest");
    assertThatThrownBy(() -> PublishedVersion.read("other", version(BUNDLE)))
        .hasMessageContaining("application other expected, found lab");
  }
}
