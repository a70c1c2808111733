package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
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

  @Test
  void shouldNotGiveOnePortTwice() {
    // Given a port that is chosen, and that the machine gives again
    var given = List.of(4_001, 4_001, 4_002).iterator();

    // Then
    assertThat(LoopbackPorts.firstBut(4_001, given::next)).isEqualTo(4_002);
    assertThat(LoopbackPorts.anyFreeBut(4_001)).isNotEqualTo(4_001);
  }
}
