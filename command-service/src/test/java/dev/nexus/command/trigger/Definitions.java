package dev.nexus.command.trigger;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.nexus.command.access.Integration;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.config.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Applications with triggers, and integrations, for tests of what triggers do.
final class Definitions {
  static final TenantId TENANT = TenantId.DEFAULT;
  static final Integration SHOP = integration("orders", "shop", "urn:shop");
  static final Integration FOREIGN = integration("billing", "bank", "urn:bank");

  /// Takes nothing but objects with a text.
  private static final String INPUT =
      """
      {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
      """;

  private Definitions() {}

  /// A store of large contents in a directory of its own.
  static Payloads payloads(Path directory) {
    return new Payloads(
        Settings.of(Map.of("NEXUS_DATA_DIR", directory.toString())), Clock.systemUTC());
  }

  static Integration integration(String appId, String id, String source) {
    return new Integration(
        TENANT,
        appId,
        id,
        source,
        IntegrationDefinition.NONE,
        "",
        IntegrationDefinition.CLOUDEVENTS);
  }

  static Version version(String appId, String digest, TriggerDefinition... triggers) {
    return new Version(TENANT, digest, "r1", application(appId, triggers));
  }

  /// With a component for each that its triggers name.
  static ApplicationDefinition application(String appId, TriggerDefinition... triggers) {
    return new ApplicationDefinition(
        appId,
        appId,
        "1",
        Stream.of(triggers)
            .map(TriggerDefinition::component)
            .distinct()
            .map(Definitions::component)
            .toList(),
        Arrays.asList(triggers),
        List.of(),
        Map.of());
  }

  static TriggerDefinition trigger(String id, String type, String component) {
    return new TriggerDefinition(id, type, "", "", "", "", Map.of(), component);
  }

  static TriggerDefinition from(TriggerDefinition one, String source, String subject) {
    return new TriggerDefinition(
        one.triggerId(), one.eventType(), source, subject, "", "", Map.of(), one.component());
  }

  static TriggerDefinition when(TriggerDefinition one, String condition) {
    return new TriggerDefinition(
        one.triggerId(),
        one.eventType(),
        one.source(),
        one.subject(),
        condition,
        one.inputExpression(),
        one.inputFields(),
        one.component());
  }

  static TriggerDefinition mapping(TriggerDefinition one, Map<String, String> fields) {
    return new TriggerDefinition(
        one.triggerId(),
        one.eventType(),
        one.source(),
        one.subject(),
        one.condition(),
        "",
        fields,
        one.component());
  }

  static TriggerDefinition ordering(TriggerDefinition one, String orderBy) {
    return new TriggerDefinition(
        one.triggerId(),
        one.eventType(),
        one.source(),
        one.subject(),
        one.condition(),
        one.inputExpression(),
        one.inputFields(),
        one.component(),
        orderBy);
  }

  /// One called `strict` checks its input.
  private static ComponentDefinition component(String name) {
    return new ComponentDefinition(
        name,
        "",
        HandlerType.BUILTIN,
        Map.of("function", TextNode.valueOf("echo")),
        CanonicalJson.read(name.equals("strict") ? INPUT : "{}"),
        CanonicalJson.read("{}"),
        "equal",
        "model",
        Duration.ofSeconds(60),
        new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(50)),
        PromotionPolicy.OFF);
  }
}
