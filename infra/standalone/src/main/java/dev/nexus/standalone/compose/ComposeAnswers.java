package dev.nexus.standalone.compose;

import dev.nexus.platform.host.ServiceProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/// What programs print about an installation, as values.
final class ComposeAnswers {
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB$");

  private ComposeAnswers() {}

  /// The image of each service that is started without a profile, from what `config` prints. Some
  /// versions of Compose print services of profiles that nobody asked for too.
  static Map<String, String> images(String config) {
    Map<String, String> images = new TreeMap<>();
    Object file = new Yaml(new SafeConstructor(new LoaderOptions())).load(config);
    if (file instanceof Map<?, ?> all && all.get("services") instanceof Map<?, ?> services) {
      services.forEach(
          (name, service) -> {
            if (service instanceof Map<?, ?> described
                && !described.containsKey("profiles")
                && described.get("image") instanceof String image) {
              images.put(String.valueOf(name), image);
            }
          });
    }
    return images;
  }

  /// MiB of the process that holds most, from the lines `VmRSS` of all of a container: what checks
  /// its health, and asks for this, is there too.
  static long residentMb(String status) {
    long kilobytes =
        RESIDENT
            .matcher(status)
            .results()
            .mapToLong(line -> Long.parseLong(line.group(1)))
            .max()
            .orElseThrow(() -> new ComposeFailedException("no process is named in: " + status));
    return kilobytes >> 10;
  }

  /// How long a container took until it said that it works; empty where it says nothing of the
  /// kind. Of one that was started again the last start counts.
  ///
  /// @param startedAt when it was started, as the engine prints it
  /// @param said its output, each line behind the time of it
  static Optional<Duration> startOf(String startedAt, String said) {
    return said.lines()
        .filter(line -> line.contains(ServiceProcess.READY))
        .reduce((_, last) -> last)
        .map(line -> Instant.parse(line.substring(0, line.indexOf(' '))))
        .map(ready -> Duration.between(Instant.parse(startedAt), ready));
  }
}
