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
