package dev.nexus.executor.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.nexus.event.definition.ComponentDefinition;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Says where an output leaves its component's schema. Compiled schemas are kept by identity of the
/// definition, which lives as long as its version. Safe for use by many threads.
public final class OutputCheck {
  private static final int KEPT = 512;
  private static final int SHOWN = 5;

  private final JsonSchemaFactory factory =
      JsonSchemaFactory.getInstance(
          SpecVersion.VersionFlag.V202012,
          // A schema that points elsewhere must not make this process fetch it.
          builder ->
              builder.schemaLoaders(
                  loaders ->
                      loaders.add(
                          iri ->
                              () -> {
                                throw new java.io.IOException("schemas are not fetched: " + iri);
                              })));
  private final SchemaValidatorsConfig config =
      SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
  private final Map<ComponentDefinition, JsonSchema> compiled =
      Collections.synchronizedMap(new IdentityHashMap<>());

  /// Whether the component says anything about its output.
  public boolean applies(ComponentDefinition component) {
    return component.outputSchema().isObject() && !component.outputSchema().isEmpty();
  }

  /// The first violations, each with its place, or empty when the output conforms.
  public Optional<String> violation(ComponentDefinition component, JsonNode output) {
    if (!applies(component)) {
      return Optional.empty();
    }
    String found =
        schema(component).validate(output).stream()
            .limit(SHOWN)
            .map(ValidationMessage::getMessage)
            .collect(Collectors.joining("; "));
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  private JsonSchema schema(ComponentDefinition component) {
    JsonSchema known = compiled.get(component);
    if (known != null) {
      return known;
    }
    if (compiled.size() >= KEPT) {
      compiled.clear();
    }
    JsonSchema schema = factory.getSchema(component.outputSchema(), config);
    compiled.put(component, schema);
    return schema;
  }
}
