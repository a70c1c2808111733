package dev.nexus.standalone.doctor;

import dev.nexus.embedded.LoopbackPorts;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.standalone.run.FailedStart;
import dev.nexus.standalone.run.Neighbour;
import dev.nexus.standalone.run.NexusCommand;
import dev.nexus.standalone.run.RunFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Checks of the machine and the data directory, and of what answers at the ports.
final class MachineChecks {
  private static final int JAVA = 25;

  /// Who does not answer by then may be anybody that has taken the port.
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private MachineChecks() {}

  /// @param url where a service is said to answer; empty for none
  /// @param key of whoever asks there; empty for none
  static List<Finding> run(Settings settings, Optional<RunFile> run, String url, String key) {
    Path data = settings.path(Setting.DATA_DIR);
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    List<Finding> services = new ArrayList<>();
    boolean answered = look(settings, run, url, key, services);
    findings.add(dataDirectory(data, run, run.isEmpty() && answered));
    if (run.isPresent() || !answered) {
      findings.add(platform(data, run));
    }
    findings.addAll(services);
    if (run.isEmpty()) {
      FailedStart.read(data)
          .map(failed -> Finding.broken("last start", "failed: " + failed.problem(), failed.mend()))
          .ifPresent(findings::add);
    }
    if (run.isEmpty() && !answered) {
      List<Neighbour> neighbours = Neighbour.of(data);
      findings.add(port(settings, Setting.HTTP_PORT, neighbours));
      findings.add(port(settings, Setting.GRPC_PORT, neighbours));
      if (!settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
        findings.add(port(settings, Setting.KAFKA_PORT, neighbours));
      }
    }
    return findings;
  }

  /// Asks those for their health that must answer, the address that was given and the platform that
  /// runs, and else whoever answers at the port of the settings. True when somebody of Nexus does.
  private static boolean look(
      Settings settings, Optional<RunFile> run, String url, String key, List<Finding> findings) {
    Map<String, String> expected = new LinkedHashMap<>();
    run.ifPresent(
        r -> expected.put(r.addresses().http(), "look at its log, nexus.log in its directory"));
    if (!url.isEmpty()) {
      expected.putIfAbsent(url, "start it, or name another");
    }
    boolean answered = false;
    for (var address : expected.entrySet()) {
      Optional<ServiceCheck> service =
          ServiceCheck.at(address.getKey(), address.getKey().equals(url) ? key : "", PATIENCE);
      answered |= service.isPresent();
      findings.add(
          service
              .map(ServiceCheck::finding)
              .orElseGet(
                  () ->
                      Finding.broken(
                          "service",
                          "nothing of Nexus answers at " + address.getKey(),
                          address.getValue())));
    }
    if (expected.isEmpty()) {
      Optional<ServiceCheck> apart =
          ServiceCheck.apart(settings).flatMap(own -> ServiceCheck.at(own, "", PATIENCE));
      apart.map(ServiceCheck::finding).ifPresent(findings::add);
      answered = apart.isPresent();
    }
    return answered;
  }

  private static Finding java() {
    int feature = Runtime.version().feature();
    String detail = Runtime.version() + " in " + System.getProperty("java.home");
    return feature == JAVA
        ? Finding.good("java", detail)
        : Finding.broken("java", detail, "run it with JDK " + JAVA);
  }

  /// @param apart whether services answer that are no platform of this directory
  private static Finding dataDirectory(Path data, Optional<RunFile> run, boolean apart) {
    if (!Files.exists(data)) {
      return Finding.good("data", data + " will be created");
    }
    if (!Files.isWritable(data)) {
      return unwritable(data, apart);
    }
    boolean key = OperatorKey.read(data).isPresent();
    return run.isEmpty() || key
        ? Finding.good("data", data.toString())
        : Finding.broken("data", "cli.key is missing in " + data, "restart the platform");
  }

  /// Services apart write to directories of theirs; who looks at them has this one for a key.
  static Finding unwritable(Path data, boolean apart) {
    return apart
        ? Finding.good("data", data + " is only read from here")
        : Finding.broken("data", data + " is not writable", "make it writable for this user");
  }

  private static Finding platform(Path data, Optional<RunFile> run) {
    if (run.isPresent()) {
      return Finding.good(
          "platform", "process " + run.get().pid() + " at " + run.get().addresses().http());
    }
    return RunFile.read(data).isPresent()
        ? Finding.doubtful(
            "platform",
            "ended without saying so",
            "'" + NexusCommand.on(data.toAbsolutePath(), "up") + "' goes on where it was")
        : Finding.good("platform", "does not run on " + data + Neighbour.instead(data));
  }

  private static Finding port(Settings settings, Setting setting, List<Neighbour> neighbours) {
    int port = settings.number(setting);
    String name = "port " + setting.variable();
    if (port == 0 || LoopbackPorts.isFree(port)) {
      return Finding.good(name, port == 0 ? "any" : port + " is free");
    }
    boolean moves = setting == Setting.KAFKA_PORT && !settings.isGiven(setting);
    String another =
        moves
            ? "the broker of another takes the next free one"
            : "set " + setting.variable() + " to start another (0 takes a free one)";
    Optional<Neighbour> known = neighbours.stream().filter(n -> n.has(port)).findFirst();
    if (known.isPresent()) {
      return Finding.doubtful(
          name,
          port + " is that of " + known.get().called(),
          NexusCommand.on(known.get().data(), "doctor") + " looks at it; " + another);
    }
    if (moves) {
      return Finding.doubtful(name, port + " is in use", "the next free one will be taken");
    }
    return setting == Setting.HTTP_PORT
            && ServiceCheck.at("http://127.0.0.1:" + port, "", PATIENCE).isPresent()
        ? Finding.doubtful(
            name,
            port + " is that of another Nexus, whose data directory is not known here",
            "name that with --data to look at it; " + another)
        : Finding.broken(
            name, port + " is in use", "stop what uses it or set " + setting.variable());
  }
}
