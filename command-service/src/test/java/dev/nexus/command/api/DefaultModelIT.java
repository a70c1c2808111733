package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The model of prompts that name none, over starts with different ones.
class DefaultModelIT {
  private static final Map<String, String> FILES =
      Map.of(
          "app_definition.yaml",
          """
          appId: ask
          components:
            - componentId: free
              handlerType: LLM
              taskDetails: {template: "Sort {{ input }}"}
            - componentId: fixed
              handlerType: LLM
              taskDetails: {template: "Sort {{ input }}", model: own}
          """);

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  @Test
  void shouldMakeAnotherDefaultModelAChangeOfThePromptsThatNameNone() {
    String revision;
    String free;
    String fixed;
    try (var door = new FrontDoor(BROKER, data, Map.of("NEXUS_LLM_MODEL", "small"))) {
      // Given
      String operator = door.key("operator");
      var applied = door.apply(operator, "ask", FILES);
      assertThat(applied.status()).describedAs(applied.toString()).isEqualTo(200);
      revision = applied.body().at("/revision").asText();
      free = component(door, "free").identityDigest();
      fixed = component(door, "fixed").identityDigest();
      assertThat(component(door, "free").detail("model")).isEqualTo("small");
      assertThat(component(door, "fixed").detail("model")).isEqualTo("own");
    }

    // When
    try (var door = new FrontDoor(BROKER, data, Map.of("NEXUS_LLM_MODEL", "large"))) {
      // Then
      Eventually.holds(
          () -> assertThat(component(door, "free").detail("model")).isEqualTo("large"));
      assertThat(component(door, "free").identityDigest()).isNotEqualTo(free);
      assertThat(component(door, "fixed").identityDigest()).isEqualTo(fixed);
      Eventually.holds(
          () ->
              assertThat(component(door, "nexus.oracle", "synthesize").detail("model"))
                  .isEqualTo("large"));

      // And: the files are as they were, so there is nothing more to apply
      var again = door.apply(door.key("operator"), "ask", FILES);
      assertThat(again.body().at("/revision").asText()).isEqualTo(revision);
      assertThat(again.body().at("/changed").asBoolean(true)).isFalse();
      assertThat(BROKER.read(Topic.DEFINITIONS, DefinitionEvent.class))
          .filteredOn(e -> e.envelope().appId().equals("ask"))
          .filteredOn(e -> e.body() instanceof VersionPublished)
          .hasSize(2);
    }
  }

  @Test
  void shouldApplyTheOthersAgainWhereOneFails() {
    try (var door = new FrontDoor(BROKER, data, Map.of("NEXUS_LLM_MODEL", "small"))) {
      // Given some that name no revision of Git, so that one is among the first
      var applied = door.apply(door.key("operator"), "ask", FILES);
      assertThat(applied.status()).describedAs(applied.toString()).isEqualTo(200);
      for (int i = 0; i < 10; i++) {
        publish(door, "broken" + i, List.of(component(door, "free")));
      }
    }

    // When
    try (var door = new FrontDoor(BROKER, data, Map.of("NEXUS_LLM_MODEL", "large"))) {
      // Then
      Eventually.holds(
          () -> assertThat(component(door, "free").detail("model")).isEqualTo("large"));
      assertThat(component(door, "broken0", "free").detail("model")).isEqualTo("small");
    }
  }

  private static void publish(FrontDoor door, String app, List<ComponentDefinition> components) {
    var application =
        new ApplicationDefinition(app, app, "1", components, List.of(), List.of(), Map.of());
    String revision = "no revision";
    TenantId tenant = TenantId.DEFAULT;
    Map<String, DefinitionEvent> events =
        Map.of(
            Keys.version(tenant, app, "d1"),
            new VersionPublished("d1", revision, CanonicalJson.toJson(application)),
            Keys.currentVersion(tenant, app),
            new CurrentVersionSet("d1", revision));
    events.forEach(
        (key, event) ->
            door.bean(EventProducer.class)
                .send(
                    EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class),
                    key,
                    new Event<>(
                        Envelope.of(UUID.randomUUID(), Instant.now(), tenant, app, "key:test"),
                        event))
                .join());
  }

  private static ComponentDefinition component(FrontDoor door, String componentId) {
    return component(door, "ask", componentId);
  }

  private static ComponentDefinition component(FrontDoor door, String app, String componentId) {
    return door.bean(DefinitionCatalog.class)
        .current(TenantId.DEFAULT, app)
        .orElseThrow()
        .application()
        .component(componentId)
        .orElseThrow();
  }
}
