package dev.nexus.mcp.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import org.junit.jupiter.api.Test;

class ValueFormTest {

  @Test
  void shouldTakeObjectsAsTheyAre() {
    // When
    ValueForm form = ValueForm.ofInput(json("{'type': 'object', 'required': ['a']}"), "t");
    // Then
    assertThat(form.schema()).hasValue(json("{'type': 'object', 'required': ['a']}"));
    assertThat(form.unwrapped(object("{'a': 1}"))).isEqualTo(json("{'a': 1}"));
    assertThat(form.pointer("/a")).isEqualTo("/a");
  }

  @Test
  void shouldAskForAnObjectWhereAnythingWillDo() {
    assertThat(ValueForm.ofInput(json("{}"), "t").schema()).hasValue(json("{'type': 'object'}"));
    assertThat(ValueForm.ofInput(json("{'minProperties': 1}"), "t").schema())
        .hasValue(json("{'type': 'object', 'minProperties': 1}"));
  }

  @Test
  void shouldWrapWhatIsNoObject() {
    // When
    ValueForm form = ValueForm.ofInput(json("{'type': 'array'}"), "t");
    // Then
    assertThat(form.schema())
        .hasValue(
            json(
                "{'type': 'object', 'properties': {'input': {'type': 'array'}},"
                    + " 'required': ['input'], 'additionalProperties': false}"));
    assertThat(form.unwrapped(object("{'input': [1]}"))).isEqualTo(json("[1]"));
    assertThat(form.unwrapped(object("{}"))).isEqualTo(json("null"));
    assertThat(form.pointer("/0")).isEqualTo("/input/0");
  }

  @Test
  void shouldKeepLocalReferencesMeaningWhatTheyMeant() {
    // When
    JsonNode wrapped =
        ValueForm.ofOutput(
                json("{'type': 'array', 'items': {'$ref': '#/$defs/a'}, '$defs': {'a': {}}}"),
                "lab.list")
            .schema()
            .orElseThrow();
    // Then
    assertThat(wrapped.path("properties").path("result").path("$id").asText())
        .isEqualTo("urn:nexus:tool:lab.list:result");
  }

  @Test
  void shouldGiveStructuredResultsOnlyAsObjects() {
    assertThat(ValueForm.ofOutput(json("{}"), "t").schema()).isEmpty();
    assertThat(ValueForm.ofOutput(json("{}"), "t").wrapped(json("7"))).isEmpty();
    assertThat(ValueForm.ofOutput(json("{}"), "t").wrapped(json("{}"))).hasValue(json("{}"));
    assertThat(ValueForm.ofOutput(json("{'type': 'integer'}"), "t").wrapped(json("7")))
        .hasValue(json("{'result': 7}"));
  }

  @Test
  void shouldPublishNeitherTheDefaultDialectNorHeaders() {
    assertThat(
            ValueForm.ofInput(
                    json(
                        "{'$schema': 'https://json-schema.org/draft/2020-12/schema',"
                            + " 'type': 'object', 'properties': {'a': {'type': 'string',"
                            + " 'x-mcp-header': 'A'}}}"),
                    "t")
                .schema())
        .hasValue(json("{'type': 'object', 'properties': {'a': {'type': 'string'}}}"));
  }

  private static JsonNode json(String text) {
    return CanonicalJson.read(text.replace('\'', '"'));
  }

  private static ObjectNode object(String text) {
    return (ObjectNode) json(text);
  }
}
