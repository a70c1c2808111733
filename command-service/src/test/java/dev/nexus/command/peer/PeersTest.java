package dev.nexus.command.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeersTest {
  private static final Peers PEERS =
      Peers.of(
          Settings.of(
              Map.of(
                  "NEXUS_PROJECTOR_URL", "http://projector:8080",
                  "NEXUS_EXECUTOR_URL", "http://executor:8080",
                  "NEXUS_GATEWAY_URL", "https://gateway:8443/")));

  @ParameterizedTest
  @CsvSource({
    "/v1/executions, projector",
    "/v1, projector",
    "/v1/apps/orders/services, sandbox-executor",
    "/v1/apps/orders/services/web/items/1, sandbox-executor",
    "/v1/apps/orders/servicesx, projector",
    "/v1/apps/orders/components/services/stats, projector",
    "/mcp, mcp-gateway",
    "/mcp/orders, mcp-gateway"
  })
  void shouldKnowWhoAnswers(String path, String peer) {
    assertThat(PEERS.of(path).map(Peer::name)).contains(peer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v10/executions", "/mcpx", "/health", "/docs", "/metrics"})
  void shouldLeaveEverythingElseHere(String path) {
    assertThat(PEERS.of(path)).isEmpty();
  }

  @Test
  void shouldHaveNoPeersWhereAllIsInOneProcess() {
    assertThat(Peers.of(Settings.of(Map.of())).of("/v1/executions")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "projector:8080",
        "ftp://projector",
        "http://",
        "http://projector:8080/v1",
        "http://projector?x=1",
        "http://pro jector"
      })
  void shouldNameTheSettingWhoseAddressIsNone(String address) {
    assertThatThrownBy(() -> Peers.of(Settings.of(Map.of("NEXUS_PROJECTOR_URL", address))))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith(
            "NEXUS_PROJECTOR_URL: expected http://host:port, found '" + address + "'");
  }
}
