package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.StreamReadConstraints;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
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

  /// So whoever follows a value into its depth, as `write` does, has stack enough on a thread of
  /// the usual size, and nobody has to look how deep something is.
  @Test
  void shouldReadNothingNestedDeeperThanItCanWrite() throws InterruptedException {
    // Given
    int deepest = StreamReadConstraints.defaults().getMaxNestingDepth();
    String deep = "{\"a\":".repeat(deepest) + "1" + "}".repeat(deepest);

    // When
    AtomicReference<String> written = new AtomicReference<>("");
    Thread usual = Thread.ofPlatform().start(() -> written.set(canonical(deep)));
    usual.join();

    // Then
    assertThat(written.get()).isEqualTo(deep);
    for (String deeper : List.of("[" + deep + "]", "{\"a\":" + deep + "}")) {
      assertThatThrownBy(() -> CanonicalJson.read(deeper))
          .isInstanceOf(MalformedJsonException.class)
          .hasMessageContaining("nested too deep");
    }
  }

  private static String canonical(String text) {
    return CanonicalJson.write(CanonicalJson.read(text));
  }
}
