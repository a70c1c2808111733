package dev.nexus.platform.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.docs.ApiPart.Chapter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a process offers over HTTP as an [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.1.html)
/// document, made from the descriptions of its modules.
public final class OpenApi {
  static final String BEARER = "bearer";
  static final String HEADER = "apiKey";

  private OpenApi() {}

  /// The document of a process that has these parts.
  public static ObjectNode document(Collection<ApiPart> parts) {
    ObjectNode document = JsonNodeFactory.instance.objectNode().put("openapi", "3.1.1");
    document
        .putObject("info")
        .put("title", "Nexus: HTTP API")
        .put("version", AsyncApi.version())
        .put(
            "description",
            "Applications are published, their components called, and what happened is asked for."
                + " What goes wrong is answered as problem details (RFC 9457). A call with an"
                + " `Idempotency-Key` may be repeated until it is answered.")
        .putObject("license")
        .put("name", "Apache-2.0")
        .put("identifier", "Apache-2.0");
    var tags = document.putArray("tags");
    ObjectNode paths = document.putObject("paths");
    Schemas schemas = new Schemas();
    for (Chapter chapter : chapters(parts)) {
      tags.addObject().put("name", chapter.title()).put("description", chapter.about());
      for (Operation operation : chapter.operations()) {
        ObjectNode path = paths.withObjectProperty(operation.path());
        if (path.has(operation.method())) {
          throw new IllegalStateException(operation.path() + " is described twice");
        }
        path.set(operation.method(), operation.json(chapter.title(), schemas));
      }
    }
    ObjectNode components = document.putObject("components");
    components.set("schemas", schemas.named());
    ObjectNode security = components.putObject("securitySchemes");
    security
        .putObject(BEARER)
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "A key, `nxs_live_…`. `./nexus keys issue` gives one.");
    security
        .putObject(HEADER)
        .put("type", "apiKey")
        .put("in", "header")
        .put("name", "X-API-Key")
        .put("description", "The same key.");
    return document;
  }

  /// The document with the calls of others that are passed on; it says whose are missing.
  static ObjectNode with(ObjectNode own, Map<String, Optional<JsonNode>> others) {
    ObjectNode whole = own.deepCopy();
    List<String> missing = new ArrayList<>();
    others.forEach(
        (name, other) ->
            other.ifPresentOrElse(document -> add(whole, document), () -> missing.add(name)));
    if (!missing.isEmpty()) {
      ObjectNode info = whole.withObjectProperty("info");
      info.put(
          "description",
          info.path("description").asText()
              + " Calls that the "
              + String.join(" and the ", missing)
              + " answers are missing here, as it cannot be asked now.");
    }
    return whole;
  }

  /// Adds what is not there; what both have is their own, and the same.
  private static void add(ObjectNode whole, JsonNode other) {
    ObjectNode paths = whole.withObjectProperty("paths");
    other
        .path("paths")
        .forEachEntry((path, calls) -> addMissing(paths.withObjectProperty(path), calls));
    addMissing(
        whole.withObjectProperty("components").withObjectProperty("schemas"),
        other.path("components").path("schemas"));
    Set<String> known = new HashSet<>(whole.path("tags").findValuesAsText("name"));
    for (JsonNode tag : other.path("tags")) {
      if (known.add(tag.path("name").asText())) {
        whole.withArrayProperty("tags").add(tag);
      }
    }
  }

  private static void addMissing(ObjectNode own, JsonNode others) {
    others.forEachEntry(
        (name, value) -> {
          if (!own.has(name)) {
            own.set(name, value);
          }
        });
  }

  private static List<Chapter> chapters(Collection<ApiPart> parts) {
    return parts.stream()
        .sorted(
            Comparator.comparing(ApiPart::place).thenComparing(part -> part.getClass().getName()))
        .flatMap(part -> part.chapters().stream())
        .toList();
  }
}
