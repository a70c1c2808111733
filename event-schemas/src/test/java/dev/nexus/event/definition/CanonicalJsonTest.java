package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{~  \"a\": } | '}' at line 2 column 8",
        "{\"a\": 1 | its end too early at line 1 column 8",
        "{oops | 'oops' at line 1 column 2",
        "{\"a\": tru } | 'tru' at line 1 column 7",
        "[1, nothing] | 'nothing' at line 1 column 5",
        "{} {} | more after its end at line 1 column 4",
        "[1]] | ']' at line 1 column 4",
        "[\"a~\"] | a control character at line 1 column 4",
        "`` | nothing"
      })
  void shouldSayInOneSentenceWhereJsonBreaks(String text, String found) {
    assertThatThrownBy(() -> CanonicalJson.read(text.replace('~', '\n')))
        .isInstanceOf(MalformedJsonException.class)
        .hasMessage("JSON expected, found " + found);
  }

  private static String canonical(String text) {
    return CanonicalJson.write(CanonicalJson.read(text));
  }
}
