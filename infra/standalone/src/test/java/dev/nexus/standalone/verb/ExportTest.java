package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportTest {
  @ParameterizedTest
  @CsvSource({
    "0, 400, 0, [..............................]   0 %  0 rows",
    "13, 400, 12, [..............................]   3 %  12 rows",
    "200, 400, 187, [###############...............]  50 %  187 rows",
    "399, 400, 360, [#############################.]  99 %  360 rows",
    "400, 400, 361, [##############################] 100 %  361 rows",
    "0, 0, 0, [##############################] 100 %  0 rows"
  })
  void shouldShowHowFarItIs(long read, long of, long rows, String shown) {
    assertThat(Export.progress(read, of, rows)).isEqualTo(shown);
  }
}
