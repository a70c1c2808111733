package dev.nexus.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import dev.nexus.testkit.DocumentedAnswers.Answer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DocumentedAnswersTest {
  private static final String JSON = "application/json";

  record Thing(String name, Optional<Integer> size, List<Part> parts) {}

  record Part(String name) {}

  private static final class Things implements ApiPart {
    @Override
    public List<Chapter> chapters() {
      return List.of(
          Chapter.of(
              "Things",
              "Of a test.",
              Operation.get("/things/{name}", "A thing.")
                  .reads(Parameter.path("name", "Its name."))
                  .answers(200, Thing.class, "It.")
                  .refuses(404, "There is none."),
              Operation.delete("/things/{name}", "Deletes a thing.")
                  .reads(Parameter.path("name", "Its name."))
                  .answers(204, "It is gone."),
              Operation.get("/things/all", "All things.").streams("Them.")));
    }
  }

  private final DocumentedAnswers document = new DocumentedAnswers(List.of(new Things()));

  private Optional<String> fault(String method, String path, int status, String type, String body) {
    return document.fault(new Answer(method, path, status, type, Optional.of(body)));
  }

  @Test
  void shouldTakeWhatIsDocumented() {
    assertThat(fault("GET", "/things/a", 200, JSON, "{\"name\":\"a\",\"size\":1,\"parts\":[]}"))
        .isEmpty();
    assertThat(
            fault(
                "GET",
                "/things/a%2Fb",
                404,
                "application/problem+json",
                """
                {"type":"urn:nexus:problem:unknown-thing","title":"Not Found","status":404,
                 "detail":"no thing","instance":"/things/a","incident":"one more"}
                """))
        .isEmpty();
    assertThat(fault("DELETE", "/things/a", 204, "", "")).isEmpty();
    assertThat(
            document.fault(
                new Answer("GET", "/things/all", 200, "text/event-stream", Optional.empty())))
        .isEmpty();
    assertThat(fault("POST", "/things/a", 405, "application/problem+json", "{}")).isEmpty();
  }

  @Test
  void shouldSayWhatIsNot() {
    // A status
    assertThat(fault("GET", "/things/a", 409, JSON, "{}").orElse("")).contains("no such status");
    // A member nobody named, also inside, and one that is missing
    assertThat(
            fault("GET", "/things/a", 200, JSON, "{\"name\":\"a\",\"parts\":[],\"colour\":1}")
                .orElse(""))
        .contains("colour");
    assertThat(
            fault("GET", "/things/a", 200, JSON, "{\"name\":\"a\",\"parts\":[{\"title\":\"b\"}]}")
                .orElse(""))
        .contains("title");
    assertThat(fault("GET", "/things/a", 200, JSON, "{\"name\":\"a\"}").orElse(""))
        .contains("parts");
    // A type
    assertThat(fault("GET", "/things/a", 200, JSON, "{\"name\":1,\"parts\":[]}").orElse(""))
        .contains("name");
    assertThat(fault("GET", "/things/a", 200, "text/plain", "a").orElse("")).contains("text/plain");
    // A body, an operation
    assertThat(fault("DELETE", "/things/a", 204, JSON, "{}").orElse("")).contains("a body");
    assertThat(fault("PUT", "/things/a", 200, JSON, "{}").orElse("")).contains("no such operation");
  }
}
