package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.command.definition.Located.Scalar;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads what an `LLM` component asks: its prompt file, and what the component itself changes of
/// it.
final class PromptReader {
  /// A prompt in its normal form, and the schema of answers that it brings.
  record Prompt(Map<String, JsonNode> details, Optional<JsonNode> outputSchema) {}

  private static final List<String> ENDINGS = List.of(".yaml", ".yml");
  private static final List<String> FORMATS = List.of("json");

  private final SourceFiles files;
  private final String defaultModel;

  /// @param defaultModel model of prompts that name none
  PromptReader(SourceFiles files, String defaultModel) {
    this.files = files;
    this.defaultModel = defaultModel;
  }

  /// Reads the prompt that `details` refers to or contains.
  Prompt read(FieldReader details) {
    Optional<Located> reference = details.findAny("promptTemplate", "prompt_template");
    Prompt prompt =
        reference.isPresent()
            ? referred(details, reference.get())
            : new Prompt(inPlace(details), Optional.empty());
    Map<String, JsonNode> merged = new TreeMap<>(prompt.details());
    String model = details.text("model", "");
    if (!model.isEmpty()) {
      merged.put("model", JsonNodeFactory.instance.textNode(model));
    }
    if (details.has("parameters")) {
      merged.put("parameters", object(details.anything("parameters")));
    }
    details.finish();
    return new Prompt(merged, prompt.outputSchema());
  }

  /// Reads a prompt file for its faults alone.
  void check(String path) {
    files.object(path).ifPresent(this::file);
  }

  private Map<String, JsonNode> inPlace(FieldReader details) {
    if (!details.has("template")) {
      details
          .faults()
          .add(
              details.mark(),
              "the prompt is missing",
              "promptTemplate: a file of prompts/, or template: the prompt itself",
              "neither");
      return Map.of();
    }
    return details(details.requiredText("template"), defaultModel, Map.of());
  }

  private Prompt referred(FieldReader details, Located reference) {
    details.find("template");
    if (!(reference instanceof Scalar scalar)) {
      details
          .faults()
          .add(reference.mark(), "wrong promptTemplate", "the name of a file", reference.kind());
      return new Prompt(Map.of(), Optional.empty());
    }
    return files
        .resolve(scalar, "prompts", ENDINGS)
        .flatMap(files::object)
        .map(this::file)
        .orElse(new Prompt(Map.of(), Optional.empty()));
  }

  private Prompt file(FieldReader prompt) {
    prompt.text("description", "");
    String template = prompt.requiredText("template");
    String model = prompt.text("model", "");
    Map<String, JsonNode> parameters = prompt.anything("parameters");
    if (prompt.has("outputFormat")) {
      prompt.oneOf("outputFormat", FORMATS, "json");
    }
    Optional<Located> schema = prompt.find("outputSchema");
    Optional<JsonNode> outputSchema =
        schema.isPresent() ? Optional.of(files.schema(schema)) : Optional.empty();
    prompt.withoutEffect("examples");
    prompt.finish();
    return new Prompt(
        details(template, model.isEmpty() ? defaultModel : model, parameters), outputSchema);
  }

  private static Map<String, JsonNode> details(
      String template, String model, Map<String, JsonNode> parameters) {
    Map<String, JsonNode> details = new TreeMap<>();
    details.put("promptTemplate", JsonNodeFactory.instance.textNode(template));
    details.put("model", JsonNodeFactory.instance.textNode(model));
    details.put("parameters", object(parameters));
    return details;
  }

  private static JsonNode object(Map<String, JsonNode> fields) {
    var object = JsonNodeFactory.instance.objectNode();
    fields.forEach(object::set);
    return object;
  }
}
