package dev.nexus.standalone.run;

import dev.nexus.platform.config.Setting;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Another platform that runs here, on a data directory that one can know of: that of this tree, or
/// one of a demonstration.
public record Neighbour(Path data, RunFile run) {
  /// What the data directories of demonstrations begin with, among the temporary ones.
  public static final String DEMONSTRATION = "nexus-demo";

  /// Those beside whoever has the data directory `own`.
  public static List<Neighbour> of(Path own) {
    List<Path> places = new ArrayList<>();
    places.add(Path.of(Setting.DATA_DIR.defaultValue()).toAbsolutePath().normalize());
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> found = Files.newDirectoryStream(temporary, DEMONSTRATION + "*")) {
      found.forEach(places::add);
    } catch (IOException e) {
      // Whose directory cannot be read is a stranger.
    }
    return places.stream()
        .filter(place -> !place.equals(own))
        .flatMap(
            place ->
                RunFile.read(place)
                    .filter(run -> run.process().isPresent())
                    .map(run -> new Neighbour(place, run))
                    .stream())
        .toList();
  }

  /// Whether it answers at this port.
  public boolean has(int port) {
    Addresses addresses = run.addresses();
    return List.of(
            addresses.http(), addresses.grpc(), addresses.ownBroker() ? addresses.kafka() : "")
        .stream()
        .anyMatch(address -> address.endsWith(":" + port));
  }

  /// What it is, for a person.
  public String called() {
    return (String.valueOf(data.getFileName()).startsWith(DEMONSTRATION)
            ? "the demonstration on "
            : "the platform on ")
        + data;
  }
}
