package dev.nexus.platform.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Doc;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// JSON Schemas of values, made from records: a component is a member, an `Optional` one may be
/// missing, its `@Doc` is its description, and a record used twice is one named schema.
final class Schemas {
  private final ObjectNode named = JsonNodeFactory.instance.objectNode();
  private final Map<String, Class<?>> records = new HashMap<>();

  /// All schemas that have a name, to stand under `components`.
  ObjectNode named() {
    return named;
  }

  /// The schema of a type, or a reference to it.
  ObjectNode of(Type type) {
    return switch (type) {
      case ParameterizedType generic -> generic(generic);
      case Class<?> plain when plain.isRecord() -> reference(plain);
      case Class<?> plain when plain.isEnum() -> words(plain);
      case Class<?> plain when plain.isArray() -> array(plain.getComponentType());
      case Class<?> plain -> scalar(plain);
      default -> throw new IllegalArgumentException("no schema for " + type);
    };
  }

  private ObjectNode generic(ParameterizedType type) {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] arguments = type.getActualTypeArguments();
    if (Collection.class.isAssignableFrom(raw)) {
      return array(arguments[0]);
    }
    if (Map.class.isAssignableFrom(raw)) {
      ObjectNode schema = object().put("type", "object");
      schema.set("additionalProperties", of(arguments[1]));
      return schema;
    }
    throw new IllegalArgumentException("no schema for " + type);
  }

  private ObjectNode array(Type item) {
    ObjectNode schema = object().put("type", "array");
    schema.set("items", of(item));
    return schema;
  }

  private static ObjectNode scalar(Class<?> type) {
    ObjectNode schema = object();
    if (type == String.class) {
      return schema.put("type", "string");
    }
    if (type == Instant.class) {
      return schema.put("type", "string").put("format", "date-time");
    }
    if (type == int.class || type == Integer.class) {
      return schema.put("type", "integer").put("format", "int32");
    }
    if (type == long.class || type == Long.class) {
      return schema.put("type", "integer").put("format", "int64");
    }
    if (type == double.class || type == Double.class) {
      return schema.put("type", "number");
    }
    if (type == boolean.class || type == Boolean.class) {
      return schema.put("type", "boolean");
    }
    if (type == JsonNode.class) {
      return schema;
    }
    throw new IllegalArgumentException("no schema for " + type);
  }

  private static ObjectNode words(Class<?> type) {
    ObjectNode schema = object().put("type", "string");
    ArrayNode values = schema.putArray("enum");
    for (Object constant : type.getEnumConstants()) {
      values.add(((Enum<?>) constant).name());
    }
    return schema;
  }

  private ObjectNode reference(Class<?> type) {
    Shape shape = type.getAnnotation(Shape.class);
    String name = shape == null || shape.name().isEmpty() ? type.getSimpleName() : shape.name();
    Class<?> known = records.putIfAbsent(name, type);
    if (known == null) {
      define(type, named.putObject(name));
    } else if (known != type) {
      throw new IllegalStateException("two schemas are called " + name);
    }
    return object().put("$ref", "#/components/schemas/" + name);
  }

  private void define(Class<?> type, ObjectNode schema) {
    schema.put("type", "object");
    ObjectNode members = schema.putObject("properties");
    ArrayNode required = JsonNodeFactory.instance.arrayNode();
    for (RecordComponent component : type.getRecordComponents()) {
      Shape shape = component.getAnnotation(Shape.class);
      String name = shape == null || shape.name().isEmpty() ? component.getName() : shape.name();
      Optional<Type> optional = inOptional(component.getGenericType());
      ObjectNode member = of(optional.orElseGet(component::getGenericType));
      if (shape != null && shape.lower()) {
        lower(member);
      }
      Doc doc = component.getAnnotation(Doc.class);
      if (doc != null) {
        member.put("description", doc.value());
      }
      members.set(name, member);
      if (optional.isEmpty()) {
        required.add(name);
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    Shape whole = type.getAnnotation(Shape.class);
    if (whole != null && (whole.open() || whole.closed())) {
      schema.put("additionalProperties", whole.open());
    }
  }

  private static Optional<Type> inOptional(Type type) {
    return type instanceof ParameterizedType generic && generic.getRawType() == Optional.class
        ? Optional.of(generic.getActualTypeArguments()[0])
        : Optional.empty();
  }

  private static void lower(ObjectNode schema) {
    ArrayNode lower = JsonNodeFactory.instance.arrayNode();
    schema.path("enum").forEach(word -> lower.add(word.asText().toLowerCase(Locale.ROOT)));
    schema.set("enum", lower);
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
