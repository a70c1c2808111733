package dev.nexus.mcp.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownNamesTest {

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, ''",
    "127.0.0.1:8080, http://localhost:3000",
    "[::1]:8080, http://[::1]:3000",
    "LOCALHOST, https://127.0.0.1",
    "'', ''"
  })
  void shouldLetThisMachineIn(String host, String origin) {
    assertThat(new KnownNames("").objection(host, origin)).isEmpty();
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
    assertThat(new KnownNames("").objection(host, origin)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "nexus.example.org, https://nexus.example.org",
    "GATEWAY:8080, ''",
    "localhost, http://nexus.example.org:8443"
  })
  void shouldLetNamesInThatItWasTold(String host, String origin) {
    assertThat(new KnownNames("Nexus.example.org, gateway,").objection(host, origin)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"example.org, ''", "gateway, https://example.org", "nexus.example.org.evil, ''"})
  void shouldKeepOthersOutWhenItWasToldNames(String host, String origin) {
    assertThat(new KnownNames("nexus.example.org,gateway").objection(host, origin))
        .contains("localhost, 127.0.0.1 or gateway or nexus.example.org", "NEXUS_HTTP_NAMES");
  }
}
