package dev.nexus.projector.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.projector.Folded;
import dev.nexus.projector.Story;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApplicationFoldTest {
  private final Folded<DefinitionEvent> folded = Folded.with(new ApplicationFold());

  private static Event<DefinitionEvent> event(DefinitionEvent body) {
    return new Event<>(
        Envelope.of(NameIds.uuid5("x"), Story.BEGIN, Story.TENANT, "triage", "key:test"), body);
  }

  private static DefinitionEvent version(String digest) {
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
            ComponentDefinition.RetryPolicy.DEFAULT,
            PromotionPolicy.OFF);
    var application =
        new ApplicationDefinition(
            "triage", "Triage", "1.0", List.of(component), List.of(), List.of(), Map.of());
    return new VersionPublished(digest, "revision", CanonicalJson.toJson(application));
  }

  @Test
  void shouldTellWhichVersionIsCurrent() {
    // When
    folded.one(event(version("d1")));
    folded.one(event(version("d2")));
    folded.one(event(new CurrentVersionSet("d2", "revision")));
    // Then
    assertThat(folded.store().fields(ApplicationNames.current(Story.TENANT)))
        .isEqualTo(Map.of("triage", "d2"));
    assertThat(folded.store().fields(ApplicationNames.versions(Story.TENANT, "triage")))
        .containsOnlyKeys("d1", "d2")
        .extractingByKey("d2")
        .asString()
        .contains("\"component\":\"classify\"");
  }

  @Test
  void shouldForgetADeletedVersion() {
    // Given
    folded.one(event(version("d1")));
    folded.one(event(new CurrentVersionSet("d1", "revision")));
    // When
    folded.deleted("default/triage/d1");
    folded.deleted("default/triage/current");
    // Then
    assertThat(folded.store().contents()).isEmpty();
  }
}
