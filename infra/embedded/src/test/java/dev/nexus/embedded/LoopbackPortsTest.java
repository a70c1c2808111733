package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class LoopbackPortsTest {
  @Test
  void shouldGiveTheWantedPortWhenItIsFree() {
    // Given
    int free = LoopbackPorts.anyFree();
    // Then
    assertThat(LoopbackPorts.freeFrom(free)).isEqualTo(free);
  }

  @Test
  void shouldGiveAHigherPortWhenTheWantedOneIsTaken() throws Exception {
    // Given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Then
      assertThat(LoopbackPorts.isFree(taken.getLocalPort())).isFalse();
      assertThat(LoopbackPorts.freeFrom(taken.getLocalPort())).isGreaterThan(taken.getLocalPort());
    }
  }
}
