package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.command.definition.Located.Fields;
import dev.nexus.command.definition.Located.Mark;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.platform.call.SchemaChecks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files of an application while they are read: each is parsed once, references between them
/// are followed, and what is wrong is reported at the place that is wrong.
final class SourceFiles {
  private static final List<String> YAML = List.of(".yaml", ".yml");

  private final ApplicationFiles files;
  private final Faults faults;
  private final SchemaChecks schemas;
  private final Map<String, Optional<Located>> parsed = new HashMap<>();

  SourceFiles(ApplicationFiles files, Faults faults, SchemaChecks schemas) {
    this.files = files;
    this.faults = faults;
    this.schemas = schemas;
  }

  Faults faults() {
    return faults;
  }

  /// The content of a file as values; empty when it does not exist or, reported, cannot be read.
  Optional<Located> values(String inside) {
    Optional<Located> known = parsed.get(inside);
    if (known == null) {
      known = files.text(inside).flatMap(text -> parse(files.path(inside), text));
      parsed.put(inside, known);
    }
    return known;
  }

  /// A file's content as an object.
  Optional<FieldReader> object(String inside) {
    return values(inside).flatMap(value -> FieldReader.objectOf(inside, value, faults));
  }

  Optional<String> text(String inside) {
    return files.text(inside);
  }

  /// Finds the file a field refers to, by path or by name in `folder`; reports the place of the
  /// reference when there is none.
  Optional<String> resolve(Scalar reference, String folder, List<String> endings) {
    String name = reference.value().asText();
    if (files.text(name).isPresent()) {
      return Optional.of(name);
    }
    String inFolder = folder + "/" + name;
    if (files.text(inFolder).isPresent()) {
      return Optional.of(inFolder);
    }
    for (String ending : endings) {
      String path = folder + "/" + name + ending;
      if (files.text(path).isPresent()) {
        return Optional.of(path);
      }
    }
    List<String> present = files.in(folder);
    List<String> nearest = files.nearest(name, present);
    faults.add(
        reference.mark(),
        "no such file",
        "a file of the application, such as " + folder + "/…" + endings.getFirst(),
        "'" + name + "'",
        nearest.isEmpty()
            ? files.nearest(folder + "/" + name + endings.getFirst(), present)
            : nearest);
    return Optional.empty();
  }

  /// A JSON Schema, written in place or in a file of its own; the one that accepts everything when
  /// the field is absent or wrong.
  JsonNode schema(Optional<Located> field) {
    JsonNode anything = JsonNodeFactory.instance.objectNode();
    if (field.isEmpty()) {
      return anything;
    }
    Optional<Located> schema =
        switch (field.get()) {
          case Scalar scalar when scalar.value().isTextual() ->
              resolve(scalar, "schemas", List.of(".schema.json", ".json", ".yaml"))
                  .flatMap(this::values);
          case Fields inPlace -> Optional.of(inPlace);
          case Located other -> {
            faults.add(
                other.mark(), "wrong schema", "a JSON Schema or the path of one", other.kind());
            yield Optional.empty();
          }
        };
    schema.ifPresent(this::checkSchema);
    return schema.map(Located::toJson).orElse(anything);
  }

  private void checkSchema(Located schema) {
    schemas
        .checkSchema(schema.toJson())
        .forEach(
            fault ->
                faults.add(
                    schema.markAt(fault.pointer()),
                    "not a JSON Schema: " + fault.detail(),
                    fault.expected(),
                    fault.found()));
  }

  private Optional<Located> parse(String path, String text) {
    try {
      boolean yaml = YAML.stream().anyMatch(path::endsWith);
      return Optional.of(yaml ? YamlFile.read(path, text) : JsonFile.read(path, text));
    } catch (FileSyntaxException e) {
      faults.add(e);
      return Optional.empty();
    }
  }

  Mark start(String inside) {
    return new Mark(files.path(inside), 1, 1);
  }

  List<String> in(String folder) {
    return files.in(folder);
  }
}
