package dev.nexus.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeTextTest {
  @ParameterizedTest
  @CsvSource({
    "2026-11-20T08:00:00Z, 2026-11-20T08:00:00.000Z",
    "2026-11-20T08:00:00.100Z, 2026-11-20T08:00:00.100Z",
    "2026-11-20T08:00:00.123999Z, 2026-11-20T08:00:00.123Z",
    "1970-01-01T00:00:00Z, 1970-01-01T00:00:00.000Z",
    "1969-12-31T23:59:59.999Z, 1969-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59Z, 9999-12-31T23:59:59.000Z",
  })
  void shouldAlwaysHaveMilliseconds(String at, String expected) {
    assertThat(TimeText.of(Instant.parse(at))).isEqualTo(expected);
  }
}
