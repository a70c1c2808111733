package dev.nexus.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadReferenceTest {
  private static final String DIGEST = "0123456789abcdef".repeat(4);

  @Test
  void shouldBeCanonicalJsonThatIsReadBack() {
    // Given
    var reference = new PayloadReference(DIGEST, 300_000);

    // When
    Json json = reference.toJson();

    // Then
    assertThat(CanonicalJson.write(CanonicalJson.read(json))).isEqualTo(json.text());
    assertThat(PayloadReference.in(json)).contains(reference);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "{\"$payload\":\"sha256:12\",\"bytes\":1}",
        "{\"bytes\":1}",
        "[{\"$payload\":\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}]"
      })
  void shouldTakeNothingElseForAReference(String text) {
    assertThat(PayloadReference.isIn(new Json(text))).isFalse();
  }
}
