package dev.nexus.platform.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerPropertiesTest {
  @Test
  void shouldListenAtThisMachineOnlyUnlessTold() {
    assertThat(ServerProperties.of(Settings.of(Map.of())))
        .containsEntry("micronaut.server.host", "127.0.0.1")
        .containsEntry("grpc.server.host", "127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "203.0.113.7"})
  void shouldRefuseToBeReachedInTheClear(String host) {
    assertThatThrownBy(() -> ServerProperties.of(Settings.of(Map.of("NEXUS_HTTP_HOST", host))))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("NEXUS_HTTP_HOST", host, "NEXUS_BEHIND_PROXY=true");
  }

  @Test
  void shouldBeReachedThroughAProxy() {
    // When
    var properties =
        ServerProperties.of(
            Settings.of(Map.of("NEXUS_HTTP_HOST", "0.0.0.0", "NEXUS_BEHIND_PROXY", "true")));

    // Then
    assertThat(properties)
        .containsEntry("micronaut.server.host", "0.0.0.0")
        .containsEntry("grpc.server.host", "0.0.0.0");
  }

  @Test
  void shouldNameAnAddressThatIsNone() {
    assertThatThrownBy(
            () -> ServerProperties.of(Settings.of(Map.of("NEXUS_HTTP_HOST", "not an address"))))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("NEXUS_HTTP_HOST: expected an address of this machine");
  }
}
