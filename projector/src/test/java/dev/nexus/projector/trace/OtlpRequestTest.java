package dev.nexus.projector.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OtlpRequestTest {
  @Test
  void shouldCutTextsThatAreLong() {
    assertThat(OtlpRequest.cut("a".repeat(1_000))).isEqualTo("a".repeat(1_000));
    assertThat(OtlpRequest.cut("a".repeat(1_001))).isEqualTo("a".repeat(1_000));
  }

  @Test
  void shouldNotCutACharacterInTwo() {
    assertThat(OtlpRequest.cut("a".repeat(999) + "😀")).isEqualTo("a".repeat(999));
  }
}
