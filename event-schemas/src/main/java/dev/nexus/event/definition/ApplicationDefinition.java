package dev.nexus.event.definition;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A whole application version, normalised. Its JSON form is what `nexus.definitions` carries.
public record ApplicationDefinition(
    String appId,
    String displayName,
    String version,
    List<ComponentDefinition> components,
    List<TriggerDefinition> triggers,
    List<IntegrationDefinition> integrations,
    Map<String, JsonNode> configuration) {

  /// Starts a component for every outside event of a type and source ("" matches any source). The
  /// component's input is the event's data.
  public record TriggerDefinition(
      String triggerId, String eventType, String source, String component) {}

  /// A source of events the application expects: `credentialKind` github-hmac or none.
  public record IntegrationDefinition(
      String integrationId, String source, String credentialKind, String secretRef) {
    /// What a source looks like, for people.
    public static final String SOURCE =
        "a URI reference such as https://github.com/acme or urn:shop";

    /// Whether a text may be the source of CloudEvents.
    public static boolean isSource(String text) {
      try {
        return !new URI(text).toString().isEmpty();
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }

  public Optional<ComponentDefinition> component(String componentId) {
    return components.stream().filter(c -> c.componentId().equals(componentId)).findFirst();
  }
}
