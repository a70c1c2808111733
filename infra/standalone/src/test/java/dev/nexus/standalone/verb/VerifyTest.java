package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"folded\": 120, \"of\": 500 | executions, partition 2 of 4: 24 % of 500 records folded",
        "\"folded\": 0 | executions, partition 2 of 4: 0 records folded",
        "\"compared\": 12 | executions, partition 2 of 4: 12 names compared",
      })
  void shouldSayWhatItComparesAndHowFarItIs(String counts, String said) {
    // Given
    String place =
        "\"projection\": \"executions\", \"number\": 2, \"partitions\": 4,"
            + " \"partition\": \"nexus.executions/1\", ";
    // Then
    assertThat(Verify.progress(CanonicalJson.read("{" + place + counts + "}"))).isEqualTo(said);
  }
}
