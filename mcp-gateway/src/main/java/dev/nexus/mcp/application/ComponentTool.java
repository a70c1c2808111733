package dev.nexus.mcp.application;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.mcp.protocol.Tool;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.util.Optional;

/// A component as a tool.
record ComponentTool(
    Version version,
    ComponentDefinition component,
    String name,
    ValueForm input,
    ValueForm output) {

  static ComponentTool of(Version version, ComponentDefinition component, String name) {
    return new ComponentTool(
        version,
        component,
        name,
        ValueForm.ofInput(component.inputSchema(), name),
        ValueForm.ofOutput(component.outputSchema(), name));
  }

  String appId() {
    return version.application().appId();
  }

  Tool listed() {
    String application = version.application().displayName();
    return new Tool(
        name,
        (application.isEmpty() ? appId() : application) + ": " + component.componentId(),
        component.description(),
        input.schema().orElseThrow(),
        output.schema());
  }

  JsonNode unwrapped(ObjectNode arguments) {
    return input.unwrapped(arguments);
  }

  Optional<JsonNode> wrapped(JsonNode value) {
    return output.wrapped(value);
  }
}
