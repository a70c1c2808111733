package dev.nexus.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.OpenApi;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// Holds answers to the OpenAPI document: the status must be one of the operation's, the body what
/// its schema says, and without a member that the schema does not name.
public final class DocumentedAnswers {
  private static final Pattern VARIABLE = Pattern.compile("\\{[^}]+}");

  /// Last in a path, it stands for all that follows.
  private static final String REST = "/{path}";

  /// A body of any kind, of which nothing is said.
  private static final String ANY = "*/*";

  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);
  private static final SchemaValidatorsConfig CONFIG =
      SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();

  /// What a server may say to a call that no operation is for.
  private static final Set<Integer> NOWHERE = Set.of(401, 404, 405, 429);

  /// Said with a body by an operation, without one by the server to a page from elsewhere.
  private static final int FORBIDDEN = 403;

  private final List<Path> paths;
  private final JsonNode named;
  private final Map<String, JsonSchema> schemas = new ConcurrentHashMap<>();

  /// Operations of a path, by method.
  private record Path(Pattern pattern, int variables, JsonNode operations) {
    static Path of(String template, JsonNode operations) {
      String whole = template.endsWith(REST) ? template.replace(REST, "") : template;
      String literal =
          "\\Q"
              + VARIABLE.matcher(whole).replaceAll("\\\\E[^/]+\\\\Q")
              + (whole.equals(template) ? "\\E" : "/\\E.+");
      int variables = (int) VARIABLE.matcher(template).results().count();
      return new Path(Pattern.compile(literal), variables, operations);
    }
  }

  /// An answer as it came.
  ///
  /// @param path raw, without the query
  /// @param body empty when it is not looked at, as that of a stream
  public record Answer(
      String method, String path, int status, String contentType, Optional<String> body) {}

  public DocumentedAnswers(Collection<? extends ApiPart> parts) {
    // Each schema is to stand alone, with those it refers to where JSON Schema has them.
    JsonNode document =
        CanonicalJson.read(
            OpenApi.document(List.copyOf(parts))
                .toString()
                .replace("#/components/schemas/", "#/$defs/"));
    paths =
        document.path("paths").properties().stream()
            .map(path -> Path.of(path.getKey(), path.getValue()))
            .sorted(Comparator.comparingInt(Path::variables))
            .toList();
    named = document.at("/components/schemas");
    close(named);
  }

  /// Clients must bear members they do not know; the answers of this version have none.
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.has("properties")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.forEach(DocumentedAnswers::close);
  }

  /// What an answer has that the document does not say; empty when there is nothing.
  public Optional<String> fault(Answer answer) {
    String method = answer.method().toLowerCase(Locale.ROOT);
    String why =
        paths.stream()
            .filter(path -> path.pattern().matcher(answer.path()).matches())
            .map(path -> path.operations().path(method))
            .filter(JsonNode::isObject)
            .findFirst()
            .map(operation -> fault(operation, answer))
            .orElseGet(() -> NOWHERE.contains(answer.status()) ? "" : "no such operation");
    return why.isEmpty() ? Optional.empty() : Optional.of(told(answer, why));
  }

  private static String told(Answer answer, String why) {
    return "%s %s answered %d, which the OpenAPI document does not say: %s%n%s"
        .formatted(
            answer.method(), answer.path(), answer.status(), why, answer.body().orElse("(stream)"));
  }

  private String fault(JsonNode operation, Answer answer) {
    JsonNode response = operation.path("responses").path(Integer.toString(answer.status()));
    if (response.isMissingNode()) {
      return "no such status";
    }
    String text = answer.body().orElse("");
    if (!response.has("content")) {
      return text.isEmpty() ? "" : "a body";
    }
    if (answer.status() == FORBIDDEN && text.isEmpty()) {
      return "";
    }
    if (response.path("content").has(ANY) && answer.status() < 400) {
      return "";
    }
    String type = answer.contentType().split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!response.path("content").has(type)) {
      return "content of type '" + type + "'";
    }
    return answer.body().isPresent() && type.endsWith("json")
        ? fault(response.path("content").path(type).path("schema"), text)
        : "";
  }

  private String fault(JsonNode written, String text) {
    JsonSchema schema = schemas.computeIfAbsent(written.toString(), _ -> schema(written));
    try {
      Set<ValidationMessage> found = schema.validate(CanonicalJson.read(text));
      return found.isEmpty() ? "" : found.toString();
    } catch (IllegalArgumentException e) {
      return "no JSON: " + e.getMessage();
    }
  }

  private JsonSchema schema(JsonNode schema) {
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    whole.setAll((ObjectNode) schema);
    whole.set("$defs", named);
    return SCHEMAS.getSchema(whole, CONFIG);
  }
}
