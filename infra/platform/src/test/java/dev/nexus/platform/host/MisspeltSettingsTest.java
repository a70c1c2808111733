package dev.nexus.platform.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MisspeltSettingsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NEXUS_HTP_PORT | is no setting and has no effect; did you mean NEXUS_HTTP_PORT",
        "NEXUS_BROKRES | is no setting and has no effect; did you mean NEXUS_KAFKA_BOOTSTRAP_SERVERS",
        "NEXUS_XYZ | is no setting and has no effect; docs/settings.md lists those there are",
        "NEXUS_KAFKA_BOOTSTRAP_SERVER | sets a property that Kafka's clients do not have; did you"
            + " mean NEXUS_KAFKA_BOOTSTRAP_SERVERS",
        "NEXUS_KAFKA_TOPIC_PREFX | sets a property that Kafka's clients do not have; did you mean"
            + " NEXUS_KAFKA_TOPIC_PREFIX"
      })
  void shouldNameWhatWasMeant(String variable, String said) {
    assertThat(MisspeltSettings.of(Settings.of(Map.of(variable, "1"))))
        .singleElement()
        .asString()
        .startsWith(variable + " " + said);
  }

  @Test
  void shouldSayNothingOfWhatThereIs() {
    assertThat(
            MisspeltSettings.of(
                Settings.of(
                    Map.of(
                        "NEXUS_KAFKA_BOOTSTRAP_SERVERS", "b:9092",
                        "NEXUS_KAFKA_SECURITY_PROTOCOL", "SSL",
                        "NEXUS_KAFKA_MY_OWN_LOGIN_MODULES_PASSWORD_FILE", "f",
                        "NEXUS_KAFKA_TOPIC_PREFIX", "a.",
                        "NEXUS_SECRET_GITHUB", "s",
                        "NEXUS_KEY", "k",
                        "NEXUS_LEASE", "1s"))))
        .isEmpty();
  }
}
