package dev.nexus.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @ParameterizedTest
  @CsvSource({"500ms, PT0.5S", "30s, PT30S", "10m, PT10M", "24h, PT24H", "999999999d, P999999999D"})
  void shouldReadDurations(String text, Duration expected) {
    Settings settings = Settings.of(Map.of("NEXUS_LEASE", text));
    assertThat(settings.duration(Setting.LEASE)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "s", "-1s", "1 s", "99999999999999999999s", "1000000000000000d"})
  void shouldNameTheSettingWhoseDurationIsNone(String text) {
    assertThatThrownBy(() -> Settings.of(Map.of("NEXUS_LEASE", text)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("NEXUS_LEASE: expected a duration such as 500ms")
        .hasMessageContaining("found '" + text + "'");
  }

  @Test
  void shouldRefuseAQueueThatOutlastsItsTasks() {
    assertThatThrownBy(() -> Settings.of(Map.of("NEXUS_QUEUE_LIMIT", "25h")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("NEXUS_QUEUE_LIMIT: expected at most 1d, found '25h'");
  }

  @Test
  void shouldFindWhatIsNamedLikeASettingAndIsNone() {
    // Given
    var environment =
        Map.of(
            "NEXUS_HTP_PORT", "1",
            "NEXUS_LEASES", "1s",
            "NEXUS_KAFKA_SECURITY_PROTOCOL", "SSL",
            "NEXUS_SECRET_GITHUB", "s",
            "NEXUS_KEY", "nxs_live_a",
            "NEXUS_LEASE", "1s",
            "PATH", "/bin");
    // Then
    assertThat(Settings.of(environment).unknown())
        .containsExactly("NEXUS_HTP_PORT", "NEXUS_LEASES");
  }

  @Test
  void shouldNameTheSettingWhoseNumberIsNone() {
    assertThatThrownBy(() -> Settings.of(Map.of("NEXUS_HTTP_PORT", "99999999999")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("NEXUS_HTTP_PORT: expected a number from 0 to 65535");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          NEXUS_LLM_BASE_URL            | foo            | http://host:port/v1, found 'foo'
          NEXUS_LLM_BASE_URL            | http:/x/v1     | http://host:port/v1, found 'http:/x/v1'
          NEXUS_LLM_BASE_URL            | localhost:1234 | http://host:port/v1, found 'localhost:1234'; did you mean http://localhost:1234?
          NEXUS_LLM_BASE_URL            | http://h:70000 | http://host:port/v1, found 'http://h:70000'
          NEXUS_LLM_BASE_URL            | ftp://me:pw@h  | http://host:port/v1, found 'ftp://…@h'
          NEXUS_PROJECTOR_URL           | projector      | http://host:port, found 'projector'
          NEXUS_KAFKA_BOOTSTRAP_SERVERS | localhost      | host:port, several with commas between, found 'localhost'; did you mean localhost:9092?
          NEXUS_KAFKA_BOOTSTRAP_SERVERS | a:9092,b       | host:port, several with commas between, found 'a:9092,b'; did you mean a:9092,b:9092?
          NEXUS_KAFKA_BOOTSTRAP_SERVERS | a:b            | host:port, several with commas between, found 'a:b'
          NEXUS_OTLP_ENDPOINT           | collector:4318 | http://host:port, found 'collector:4318'; did you mean http://collector:4318?
          NEXUS_OTLP_HEADERS            | a=Bearer b, c  | NAME=SECRET, several with commas between, where SECRET names a secret, found 'a=…, c'
          NEXUS_KAFKA_TOPIC_PREFIX      | a b            | at most 200 letters, digits, '.', '_' and '-', found 'a b'; did you mean ab?
          """)
  void shouldNameTheSettingWhoseAddressOrNameIsNone(String name, String value, String said) {
    assertThatThrownBy(() -> Settings.of(Map.of(name, value)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(name + ": expected " + said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NEXUS_LLM_BASE_URL            | https://api.example.com/v1
          NEXUS_LLM_BASE_URL            | http://me:secret@my_models:8000/openai/v1
          NEXUS_LLM_BASE_URL            | http://[::1]:8000
          NEXUS_GATEWAY_URL             | http://gateway:8083/
          NEXUS_KAFKA_BOOTSTRAP_SERVERS | a:9092, b.example.com:9093
          NEXUS_KAFKA_BOOTSTRAP_SERVERS | SSL://a-1:9092,[::1]:9092
          NEXUS_OTLP_HEADERS            | Authorization=env:NEXUS_SECRET_OTLP, X-Scope-OrgID=file:org
          NEXUS_KAFKA_TOPIC_PREFIX      | acme_1.test-
          """)
  void shouldTakeAddressesAndNames(String name, String value) {
    assertThat(Settings.of(Map.of(name, value)).openly()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0ms", "1500ms", "90s", "1m", "10m", "25h", "1d", "30d"})
  void shouldSayADurationAsPeopleWriteIt(String text) {
    assertThat(Settings.inWords(Settings.of(Map.of("NEXUS_LEASE", text)).duration(Setting.LEASE)))
        .isEqualTo(text);
  }

  @Test
  void shouldTellNoSecretsOpenly() {
    // Given
    var settings =
        Settings.of(
            Map.of(
                "NEXUS_LLM_API_KEY", "sk-secret",
                "NEXUS_REDIS_URL", "redis://:secret@host:6379",
                "NEXUS_OTLP_ENDPOINT", "http://me:secret@host:4318",
                "NEXUS_KAFKA_SASL_JAAS_CONFIG", "secret",
                "NEXUS_SECRET_GITHUB", "secret",
                "NEXUS_FACTS_KEPT", "1m"));
    // Then
    assertThat(settings.openly())
        .containsEntry(Setting.FACTS_KEPT, "1m")
        .containsEntry(Setting.LEASE, "30s");
    assertThat(settings.openly().toString()).doesNotContain("secret");
  }
}
