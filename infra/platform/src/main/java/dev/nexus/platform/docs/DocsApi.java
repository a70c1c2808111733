package dev.nexus.platform.docs;

import static dev.nexus.platform.docs.Operation.get;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Singleton;
import java.util.List;

/// The documents themselves.
@Singleton
public final class DocsApi implements ApiPart {
  private static final String JSON = "application/json";

  @Override
  public List<Chapter> chapters() {
    return List.of(
        Chapter.of(
            "Documents",
            "What this installation offers. Open to anyone.",
            get("/docs", "A page for people: calls to read and try, topics with their columns.")
                .answers(200, "text/html", String.class, "The page."),
            get("/docs/files/{name}", "What the page consists of.")
                .reads(Parameter.path("name", "Name of a file."))
                .answers(200, "text/css", String.class, "The file.")
                .answers(200, "text/javascript", String.class, "")
                .refuses(404, "There is no such file."),
            get("/docs/openapi.json", "This document.")
                .answers(200, JSON, JsonNode.class, "OpenAPI 3.1."),
            get("/docs/asyncapi.json", "The topics.")
                .answers(200, JSON, JsonNode.class, "AsyncAPI 3.")));
  }
}
