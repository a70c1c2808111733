package dev.nexus.platform.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.resource.AllowSchemaLoader;
import dev.nexus.event.Excerpt;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Checks JSON against JSON Schemas (2020-12), formats included: inputs at every edge, reported
/// truths and outputs by the same rules. Compiled schemas are kept by name; nothing is ever
/// fetched: a `$ref` to another document is refused.
public final class SchemaChecks {
  private static final int KEPT = 2_000;
  private static final int SHOWN = 20;
  private static final int FOUND_LENGTH = 80;
  private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

  /// The only documents that are loaded come with the library.
  private static final AllowSchemaLoader OWN_META_SCHEMAS =
      new AllowSchemaLoader(iri -> iri.toString().startsWith("classpath:draft/"));

  private final JsonSchemaFactory factory =
      JsonSchemaFactory.getInstance(
          SpecVersion.VersionFlag.V202012,
          builder -> builder.schemaLoaders(loaders -> loaders.add(OWN_META_SCHEMAS)));
  private final SchemaValidatorsConfig config =
      SchemaValidatorsConfig.builder()
          .pathType(PathType.JSON_POINTER)
          .locale(Locale.ENGLISH)
          .formatAssertionsEnabled(true)
          .build();
  private final Map<String, JsonSchema> compiled = new ConcurrentHashMap<>();

  /// Faults of `value`, at most twenty; none when it is valid. `name` must name this very schema
  /// for ever, such as digest/component/in.
  public List<Fault> check(String name, JsonNode schema, JsonNode value) {
    if (schema.isObject() && schema.isEmpty()) {
      return List.of();
    }
    if (compiled.size() > KEPT) {
      compiled.clear();
    }
    return compiled
        .computeIfAbsent(name, _ -> factory.getSchema(schema, config))
        .validate(value)
        .stream()
        .limit(SHOWN)
        .map(message -> fault(message, schema))
        .toList();
  }

  /// Faults of an input of the component in the version with this digest.
  public List<Fault> checkInput(String digest, ComponentDefinition component, JsonNode input) {
    return check(digest + "/" + component.componentId() + "/in", component.inputSchema(), input);
  }

  /// Faults of an output of the component in the version with this digest.
  public List<Fault> checkOutput(String digest, ComponentDefinition component, JsonNode output) {
    return check(digest + "/" + component.componentId() + "/out", component.outputSchema(), output);
  }

  /// What keeps `schema` from being a JSON Schema; empty when it is one.
  public List<Fault> checkSchema(JsonNode schema) {
    try {
      JsonSchema meta = factory.getSchema(SchemaLocation.of(DRAFT), config);
      List<Fault> faults =
          meta.validate(schema).stream()
              .limit(SHOWN)
              .map(message -> fault(message, NullNode.getInstance()))
              .toList();
      if (faults.isEmpty()) {
        factory.getSchema(schema, config).initializeValidators();
      }
      return faults;
    } catch (RuntimeException e) {
      return List.of(Fault.at("", "not a usable JSON Schema", "", String.valueOf(e.getMessage())));
    }
  }

  /// @param schema what was checked against; JSON null where it is a schema of schemas
  private static Fault fault(ValidationMessage message, JsonNode schema) {
    return new Fault(
        message.getInstanceLocation().toString(),
        "",
        0,
        0,
        detail(message),
        expected(message),
        shortened(message.getInstanceNode()),
        nearest(message, schema));
  }

  /// Without what `expected` and `found` say.
  private static String detail(ValidationMessage message) {
    return switch (message.getType()) {
      case "type" -> "wrong type";
      case "required" -> "a property is missing";
      case "additionalProperties", "unevaluatedProperties" -> "unknown property";
      case "enum", "const" -> "wrong value";
      case null, default -> message.getMessage().replaceFirst("^[^:]*: ", "");
    };
  }

  /// Properties that may have been meant by one that is none.
  private static List<String> nearest(ValidationMessage message, JsonNode schema) {
    if (!"additionalProperties".equals(message.getType()) || message.getProperty() == null) {
      return List.of();
    }
    String place = message.getSchemaLocation().getFragment().toString();
    JsonNode around = schema.at(place.substring(0, Math.max(0, place.lastIndexOf('/'))));
    return NearestNames.of(
        message.getProperty(),
        around.path("properties").properties().stream().map(Map.Entry::getKey).toList());
  }

  private static String expected(ValidationMessage message) {
    JsonNode rule = message.getSchemaNode();
    String keyword = message.getType();
    return switch (keyword) {
      case "type" -> rule == null ? "" : text(rule);
      case "required" -> "the property '" + message.getProperty() + "'";
      case "additionalProperties", "unevaluatedProperties" ->
          "no property " + message.getProperty();
      case null -> "";
      default -> keyword + (rule == null ? "" : " " + shortened(rule));
    };
  }

  private static String text(JsonNode rule) {
    return rule.isTextual() ? rule.asText() : rule.toString();
  }

  private static String shortened(@org.jspecify.annotations.Nullable JsonNode node) {
    if (node == null) {
      return "nothing";
    }
    return Excerpt.of(node.toString(), FOUND_LENGTH);
  }
}
