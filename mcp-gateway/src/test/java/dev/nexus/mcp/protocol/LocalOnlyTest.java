package dev.nexus.mcp.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalOnlyTest {

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, ''",
    "127.0.0.1:8080, http://localhost:3000",
    "[::1]:8080, http://[::1]:3000",
    "LOCALHOST, https://127.0.0.1",
    "'', ''"
  })
  void shouldLetThisMachineIn(String host, String origin) {
    assertThat(LocalOnly.objection(host, origin)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "evil.example:8080, ''",
    "localhost.evil.example, ''",
    "127.0.0.1@evil.example, ''",
    "localhost:8080, https://evil.example",
    "localhost:8080, http://localhost.evil.example",
    "localhost:8080, null",
    "localhost:8080, http://",
    "localhost:8080, 'http://local host'"
  })
  void shouldKeepOthersOut(String host, String origin) {
    assertThat(LocalOnly.objection(host, origin)).isNotEmpty();
  }
}
