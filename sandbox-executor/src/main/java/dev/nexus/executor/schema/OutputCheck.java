package dev.nexus.executor.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.http.Fault;
import java.util.Optional;
import java.util.stream.Collectors;

/// Says where an output leaves its component's schema, by the same rules as inputs and reported
/// truths are checked at the edges. Safe for use by many threads.
public final class OutputCheck {
  private static final int SHOWN = 5;

  private final SchemaChecks schemas = new SchemaChecks();

  /// Whether the component says anything about its output.
  public boolean applies(ComponentDefinition component) {
    return component.outputSchema().isObject() && !component.outputSchema().isEmpty();
  }

  /// The first violations, each with its place, or empty when the output conforms.
  ///
  /// @param version digest of the application's version that defines the component
  public Optional<String> violation(
      String version, ComponentDefinition component, JsonNode output) {
    if (!applies(component)) {
      return Optional.empty();
    }
    String name = version + "/" + component.componentId() + "/out";
    String found =
        schemas.check(name, component.outputSchema(), output).stream()
            .limit(SHOWN)
            .map(Fault::sentence)
            .collect(Collectors.joining("; "));
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }
}
