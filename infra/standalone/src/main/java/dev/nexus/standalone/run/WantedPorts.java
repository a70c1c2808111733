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

/// The ports that a start needs and finds no others for by itself: those of HTTP and gRPC, as the
/// programs of others and the examples of the docs name them, and any port that was chosen. The
/// broker's is left to move while nobody chose it: 9092 is that of any other Kafka on this machine,
/// and who reads the log asks `status` where it is.
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
    for (Port port : wanted(settings)) {
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
    throw inUse(taken.getFirst());
  }

  /// Whether the embedded broker must have its port, or may take the next free one.
  static boolean isBrokerPortChosen(Settings settings) {
    return settings.isGiven(Setting.KAFKA_PORT);
  }

  /// The refusal of a start whose broker did not get the port that was chosen for it.
  static EmbeddedStartException brokerPortTaken(Settings settings) {
    return inUse(port("Kafka", Setting.KAFKA_PORT, settings));
  }

  private static List<Port> wanted(Settings settings) {
    List<Port> wanted = new ArrayList<>();
    wanted.add(port("HTTP", Setting.HTTP_PORT, settings));
    wanted.add(port("gRPC", Setting.GRPC_PORT, settings));
    if (isBrokerPortChosen(settings) && !settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      wanted.add(port("Kafka", Setting.KAFKA_PORT, settings));
    }
    return wanted;
  }

  private static Port port(String what, Setting setting, Settings settings) {
    return new Port(what, setting, settings.number(setting));
  }

  private static EmbeddedStartException inUse(Port port) {
    return new EmbeddedStartException(
        port.named()
            + " is in use: stop what uses it, or set "
            + port.setting().variable()
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
