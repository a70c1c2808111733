package dev.nexus.platform.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.http.Fault;
import org.junit.jupiter.api.Test;

class SchemaChecksTest {
  private static final JsonNode SCHEMA =
      CanonicalJson.read(
          """
          {"type": "object", "required": ["text"], "additionalProperties": false,
           "properties": {"text": {"type": "string", "maxLength": 3},
                          "tags": {"type": "array", "items": {"enum": ["a", "b"]}}}}
          """);

  private final SchemaChecks checks = new SchemaChecks();

  @Test
  void shouldAcceptWhatTheSchemaAllows() {
    assertThat(checks.check("s", SCHEMA, json("{\"text\": \"abc\", \"tags\": [\"a\"]}"))).isEmpty();
    assertThat(checks.check("any", json("{}"), json("17"))).isEmpty();
  }

  @Test
  void shouldPointAtEachFault() {
    // When
    var faults = checks.check("s", SCHEMA, json("{\"text\": 5, \"tags\": [\"a\", \"c\"]}"));

    // Then
    assertThat(faults)
        .anySatisfy(
            fault -> {
              assertThat(fault.pointer()).isEqualTo("/text");
              assertThat(fault.expected()).isEqualTo("string");
              assertThat(fault.found()).isEqualTo("5");
            })
        .anySatisfy(
            fault -> {
              assertThat(fault.pointer()).isEqualTo("/tags/1");
              assertThat(fault.expected()).isEqualTo("enum [\"a\",\"b\"]");
              assertThat(fault.found()).isEqualTo("\"c\"");
            })
        .hasSize(2);
  }

  @Test
  void shouldNameMissingAndSurplusProperties() {
    assertThat(checks.check("s", SCHEMA, json("{}")))
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.pointer()).isEmpty();
              assertThat(fault.expected()).isEqualTo("the property 'text'");
            });
    assertThat(checks.check("s", SCHEMA, json("{\"text\": \"a\", \"txt\": 1}")))
        .singleElement()
        .satisfies(fault -> assertThat(fault.expected()).isEqualTo("no property txt"));
  }

  @Test
  void shouldSayEachFaultOnceWithTheNearestProperty() {
    // When
    var faults = checks.check("s", SCHEMA, json("{\"text\": 5, \"tgas\": [\"a\"]}"));
    var missing = checks.check("s", SCHEMA, json("{}"));

    // Then
    assertThat(faults)
        .extracting(Fault::sentence)
        .containsExactlyInAnyOrder(
            "/text: wrong type: expected string, found 5",
            "unknown property: expected no property tgas, found {\"text\":5,\"tgas\":[\"a\"]};"
                + " did you mean tags?");
    assertThat(missing)
        .extracting(Fault::sentence)
        .containsExactly("a property is missing: expected the property 'text', found {}");
  }

  @Test
  void shouldTellASchemaFromOtherJson() {
    assertThat(checks.checkSchema(SCHEMA)).isEmpty();
    assertThat(checks.checkSchema(json("{\"type\": \"strin\"}")))
        .isNotEmpty()
        .first()
        .satisfies(fault -> assertThat(fault.pointer()).isEqualTo("/type"));
  }

  @Test
  void shouldDemandFormats() {
    var schema = json("{\"type\": \"string\", \"format\": \"date\"}");

    assertThat(checks.check("date", schema, json("\"2026-11-20\""))).isEmpty();
    assertThat(checks.check("date", schema, json("\"tomorrow\"")))
        .singleElement()
        .satisfies(fault -> assertThat(fault.expected()).isEqualTo("format \"date\""));
  }

  @Test
  void shouldFetchNothing() {
    var schema = json("{\"$ref\": \"http://127.0.0.1:1/other.json\"}");

    assertThat(checks.checkSchema(schema))
        .singleElement()
        .satisfies(fault -> assertThat(fault.detail()).contains("not a usable JSON Schema"));
  }

  private static JsonNode json(String text) {
    return CanonicalJson.read(text);
  }
}
