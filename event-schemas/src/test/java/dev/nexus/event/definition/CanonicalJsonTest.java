package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CanonicalJsonTest {
  @Test
  void shouldWriteEqualValuesAlike() {
    assertThat(canonical("{\"b\": 1.0, \"a\": [1e2, \"x\"]}"))
        .isEqualTo("{\"a\":[100,\"x\"],\"b\":1}");
    assertThat(canonical("0.10")).isEqualTo("0.1");
  }

  @Test
  void shouldNotSpellOutHugeNumbers() {
    assertThat(canonical("1e999999999")).hasSizeLessThan(20);
    assertThat(canonical("[-1e401]")).hasSizeLessThan(20);
  }

  @Test
  void shouldSayWhereJsonIsBroken() {
    assertThatThrownBy(() -> CanonicalJson.read("{\n  \"a\": }"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 2 column 8");
  }

  private static String canonical(String text) {
    return CanonicalJson.write(CanonicalJson.read(text));
  }
}
