package dev.nexus.standalone.run;

import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.embedded.LoopbackPorts;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The ports that a start needs and finds no others for by itself.
final class WantedPorts {
  private record Port(String what, Setting setting, int number) {
    String named() {
      return what + " port " + number;
    }
  }

  private WantedPorts() {}

  /// Throws `EmbeddedStartException` with a line that says who has a port that is wanted, as far as
  /// one can know, how to end that, and what to set otherwise.
  static void requireFree(Settings settings) {
    List<Port> taken = new ArrayList<>();
    for (Port port :
        List.of(
            new Port("HTTP", Setting.HTTP_PORT, settings.number(Setting.HTTP_PORT)),
            new Port("gRPC", Setting.GRPC_PORT, settings.number(Setting.GRPC_PORT)))) {
      if (port.number() != 0 && !LoopbackPorts.isFree(port.number())) {
        taken.add(port);
      }
    }
    if (taken.isEmpty()) {
      return;
    }
    Path own = settings.path(Setting.DATA_DIR);
    Optional<Neighbour> known =
        Neighbour.of(own).stream().filter(n -> n.has(taken.getFirst().number())).findFirst();
    if (known.isPresent()) {
      taken.removeIf(port -> !known.get().has(port.number()));
      throw new EmbeddedStartException(belongs(taken, known.get()));
    }
    throw new EmbeddedStartException(
        taken.getFirst().named()
            + " is in use: stop what uses it, or set "
            + taken.getFirst().setting().variable()
            + " to another port (0 takes a free one)");
  }

  /// All that one has are named at once: who changes one setting would meet the next.
  private static String belongs(List<Port> ports, Neighbour neighbour) {
    boolean one = ports.size() == 1;
    return ports.stream().map(Port::named).collect(Collectors.joining(" and "))
        + (one ? " is that of " : " are those of ")
        + neighbour.called()
        + ": end it with "
        + NexusCommand.on(neighbour.data(), "down")
        + ", or set "
        + ports.stream().map(port -> port.setting().variable()).collect(Collectors.joining(" and "))
        + (one ? " to another port (0 takes a free one)" : " to other ports (0 takes free ones)");
  }
}
