package dev.nexus.scriptedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTextTest {

  @Test
  void shouldFindOutermostJsonInProse() {
    var found =
        JsonText.findIn(
            "Use {braces} like this: {\"a\": {\"b\": \"}\"}} or [1, {\"c\": 2}] and {\"open\": ");

    assertThat(found)
        .extracting(JsonText::write)
        .containsExactly("{\"a\":{\"b\":\"}\"}}", "[1,{\"c\":2}]");
  }

  @Test
  void shouldFindLargeJsonBehindMuchText() {
    var text = "x".repeat(100_000) + "{\"a\":\"" + "y".repeat(300_000) + "\"} end";

    assertThat(JsonText.findIn(text))
        .singleElement()
        .matches(n -> n.path("a").asText().length() == 300_000);
  }

  @Test
  void shouldFingerprintByValue() {
    assertThat(JsonText.fingerprint(JsonText.read("{\"a\": 1.50, \"b\": [2.0, null]}")))
        .isEqualTo(JsonText.fingerprint(JsonText.read("{\"b\": [2, null], \"a\": 1.5}")))
        .isNotEqualTo(JsonText.fingerprint(JsonText.read("{\"b\": [null, 2], \"a\": 1.5}")));
  }
}
