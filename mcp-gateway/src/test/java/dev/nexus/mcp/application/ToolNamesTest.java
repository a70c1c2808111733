package dev.nexus.mcp.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToolNamesTest {
  private final ToolNames names = new ToolNames();

  @Test
  void shouldNameToolsByApplicationAndComponentInOrder() {
    assertThat(names.among(List.of(version("b", "y", "x"), version("a", "z"))).keySet())
        .containsExactly("a.z", "b.x", "b.y");
  }

  @Test
  void shouldNameToolsOfOneApplicationByComponent() {
    assertThat(names.within(version("b", "y", "x")).keySet()).containsExactly("x", "y");
  }

  @Test
  void shouldGiveADisputedNameToNobody() {
    assertThat(names.among(List.of(version("a", "b.c", "d"), version("a.b", "c", "e"))).keySet())
        .containsExactly("a.b.e", "a.d");
  }

  @Test
  void shouldLeaveOutThePlatformsOwnApplications() {
    assertThat(names.among(List.of(version("nexus.oracle", "synthesize")))).isEmpty();
  }

  private static Version version(String appId, String... components) {
    return new Version(
        TenantId.DEFAULT,
        "digest",
        "revision",
        new ApplicationDefinition(
            appId,
            appId,
            "1.0.0",
            Arrays.stream(components).map(ToolNamesTest::component).toList(),
            List.of(),
            List.of(),
            Map.of()));
  }

  private static ComponentDefinition component(String id) {
    var anything = JsonNodeFactory.instance.objectNode();
    return new ComponentDefinition(
        id,
        "",
        HandlerType.BUILTIN,
        Map.of(),
        anything,
        anything,
        "equal",
        "model",
        Duration.ofSeconds(1),
        RetryPolicy.DEFAULT,
        PromotionPolicy.OFF);
  }
}
