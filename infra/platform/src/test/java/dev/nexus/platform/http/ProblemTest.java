package dev.nexus.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import io.micronaut.http.HttpStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {
  @Test
  void shouldNameTheNearestOfTheValidNames() {
    // When
    var problem = Problem.unknown("component", "clasify", List.of("classify", "summarise", "go"));

    // Then
    assertThat(CanonicalJson.read(problem.toJson("/v1/apps/a/components/clasify/invoke")))
        .isEqualTo(
            CanonicalJson.read(
                """
                {"type": "urn:nexus:problem:unknown-component", "title": "Not Found",
                 "status": 404, "detail": "no component 'clasify'; did you mean classify?",
                 "instance": "/v1/apps/a/components/clasify/invoke", "nearest": ["classify"]}
                """));
  }

  @Test
  void shouldListEveryFaultWithItsPlace() {
    // Given
    var problem =
        Problem.of(HttpStatus.UNPROCESSABLE_ENTITY, "invalid-input", "the input is not valid")
            .with(List.of(Fault.at("/size", "wrong type", "integer", "\"big\"")))
            .with("executionId", "e-1");

    // When
    var json = CanonicalJson.read(problem.toJson("/x"));

    // Then
    assertThat(json.at("/errors/0/pointer").asText()).isEqualTo("/size");
    assertThat(json.at("/errors/0/expected").asText()).isEqualTo("integer");
    assertThat(json.at("/errors/0/found").asText()).isEqualTo("\"big\"");
    assertThat(json.at("/executionId").asText()).isEqualTo("e-1");
  }

  @Test
  void shouldSayAFaultOfAFileInOneLine() {
    var fault =
        new Fault(
            "",
            "app_definition.yaml",
            3,
            5,
            "unknown field",
            "",
            "handlerTyp",
            List.of("handlerType"));

    assertThat(fault.sentence())
        .isEqualTo(
            "app_definition.yaml:3:5: unknown field, found handlerTyp;"
                + " did you mean handlerType?");
  }

  @Test
  void shouldFindNamesOneSlipAway() {
    var valid = List.of("webhook-triage", "orders", "nexus.oracle");

    assertThat(NearestNames.of("webhook-triag", valid)).containsExactly("webhook-triage");
    assertThat(NearestNames.of("Orders", valid)).containsExactly("orders");
    assertThat(NearestNames.of("zzz", valid)).isEmpty();
    assertThat(NearestNames.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestNames.distance("", "abc")).isEqualTo(3);
  }
}
