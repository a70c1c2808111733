package dev.nexus.executor.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// What executors have left that have ended: of that there is to be nothing.
final class Leftovers {
  /// What a base has for all executors of a machine, whichever they are.
  private static final Set<String> OF_ALL = Set.of("id", "turn");

  private Leftovers() {}

  /// @param id of the base, which containers and volumes carry as a label
  static List<String> of(Docker docker, String id, Path base) {
    List<String> left = new ArrayList<>();
    docker
        .client
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(List.of(Engine.LABEL_BASE + "=" + id))
        .exec()
        .forEach(one -> left.add(one.getState() + " container " + one.getLabels()));
    var volumes =
        docker
            .client
            .listVolumesCmd()
            .withFilter("label", List.of(Engine.LABEL_BASE + "=" + id))
            .exec()
            .getVolumes();
    Objects.requireNonNullElse(
            volumes, List.<com.github.dockerjava.api.command.InspectVolumeResponse>of())
        .forEach(one -> left.add("volume " + one.getName()));
    filesBelow(base).stream()
        .filter(path -> !OF_ALL.contains(String.valueOf(path.getFileName())))
        .forEach(path -> left.add("file " + path));
    return left;
  }

  static List<Path> filesBelow(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(path -> !path.equals(directory)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
