package dev.nexus.command.peer;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The services that answer for this one.
final class Peers {
  private final List<Peer> peers;

  private Peers(List<Peer> peers) {
    this.peers = List.copyOf(peers);
  }

  /// Throws `InvalidSettingException` for an address that is none.
  static Peers of(Settings settings) {
    List<Peer> peers = new ArrayList<>();
    // Before the projector, which has the rest.
    add(peers, "sandbox-executor", "/v1/apps/*/services", Setting.EXECUTOR_URL, settings);
    add(peers, "projector", "/v1", Setting.PROJECTOR_URL, settings);
    add(peers, "mcp-gateway", "/mcp", Setting.GATEWAY_URL, settings);
    return new Peers(peers);
  }

  private static void add(
      List<Peer> peers, String name, String under, Setting setting, Settings settings) {
    if (settings.isSet(setting)) {
      peers.add(Peer.of(name, under, setting, settings.text(setting)));
    }
  }

  List<Peer> all() {
    return peers;
  }

  boolean isEmpty() {
    return peers.isEmpty();
  }

  /// Who answers a path for which there is no route here.
  Optional<Peer> of(String path) {
    return peers.stream().filter(peer -> peer.answers(path)).findFirst();
  }
}
