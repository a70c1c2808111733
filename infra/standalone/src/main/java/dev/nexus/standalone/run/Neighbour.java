package dev.nexus.standalone.run;

import dev.nexus.platform.config.Setting;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Another platform that runs here, on a data directory that one can know of: that of this tree,
/// one of a demonstration, or one that stands in the command line of a process. Both that process
/// and the directory are of this user: what others write says nothing true to whoever may read it.
public record Neighbour(Path data, RunFile run) {
  /// What the data directories of demonstrations begin with, among the temporary ones.
  public static final String DEMONSTRATION = "nexus-demo";

  private static final Path PROCESSES = Path.of("/proc");
  private static final String OPTION = "--data";

  /// Those beside whoever has the data directory `own`.
  public static List<Neighbour> of(Path own) {
    // Where there are no processes to see, as on macOS, the home directory is this user's as well.
    return owner(PROCESSES.resolve("self"))
        .or(() -> owner(Path.of(System.getProperty("user.home"))))
        .map(user -> of(own, PROCESSES, user))
        .orElseGet(List::of);
  }

  /// @param processes where the system shows them
  /// @param user whose platforms are looked for
  static List<Neighbour> of(Path own, Path processes, UserPrincipal user) {
    Path self = own.toAbsolutePath().normalize();
    List<Path> places = new ArrayList<>();
    places.add(Path.of(Setting.DATA_DIR.defaultValue()).toAbsolutePath().normalize());
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> found = Files.newDirectoryStream(temporary, DEMONSTRATION + "*")) {
      found.forEach(places::add);
    } catch (IOException e) {
      // Whose directory cannot be read is a stranger.
    }
    places.addAll(named(processes, user));
    return places.stream()
        .distinct()
        .filter(place -> !place.equals(self))
        .filter(place -> isOf(user, place))
        .flatMap(
            place ->
                RunFile.read(place)
                    .filter(run -> run.process().isPresent())
                    .map(run -> new Neighbour(place, run))
                    .stream())
        .toList();
  }

  /// The end of a sentence that says that nothing runs on `own`: where something does, and how a
  /// command is told of it; "" where nothing is known to run.
  public static String instead(Path own) {
    List<Neighbour> others = of(own);
    return others.isEmpty()
        ? ""
        : "; on this machine runs "
            + others.stream()
                .map(other -> other.called() + " (" + NexusCommand.naming(other.data) + ")")
                .collect(Collectors.joining(" and "));
  }

  /// Data directories that processes name which start a platform, where the system shows how they
  /// were started, as Linux does. What lies there says whether one runs.
  private static List<Path> named(Path processes, UserPrincipal user) {
    List<Path> named = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(processes, "[0-9]*")) {
      all.forEach(process -> dataOf(process, user).ifPresent(named::add));
    } catch (IOException | DirectoryIteratorException e) {
      // Such a platform is a stranger.
    }
    return named;
  }

  /// The data directory of a platform that this process starts; empty where it starts none, or is
  /// another user's.
  static Optional<Path> dataOf(Path process, UserPrincipal user) {
    if (!isOf(user, process)) {
      return Optional.empty();
    }
    try {
      // Read as it is: a ProcessHandle tells a page of it, and the class path alone is longer.
      List<String> words = List.of(Files.readString(process.resolve("cmdline")).split("\0", -1));
      int program = words.indexOf(NexusCommand.PROGRAM);
      List<String> arguments = words.subList(program + 1, words.size());
      // The verb is the first of them: "up" may be the value of an option of another.
      if (program < 0 || arguments.isEmpty() || !arguments.getFirst().equals("up")) {
        return Optional.empty();
      }
      Path from = process.resolve("cwd").toRealPath();
      return given(arguments).map(data -> from.resolve(data).normalize());
    } catch (IOException | InvalidPathException e) {
      // It has ended meanwhile.
      return Optional.empty();
    }
  }

  private static boolean isOf(UserPrincipal user, Path path) {
    return owner(path).filter(user::equals).isPresent();
  }

  private static Optional<UserPrincipal> owner(Path path) {
    try {
      return Optional.of(Files.getOwner(path));
    } catch (IOException | UnsupportedOperationException e) {
      // It is gone, or has no owner that the system tells.
      return Optional.empty();
    }
  }

  private static Optional<String> given(List<String> arguments) {
    int option = arguments.indexOf(OPTION);
    return option >= 0 && option + 1 < arguments.size()
        ? Optional.of(arguments.get(option + 1))
        : arguments.stream()
            .filter(argument -> argument.startsWith(OPTION + "="))
            .map(argument -> argument.substring(OPTION.length() + 1))
            .findFirst();
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
        + NexusCommand.shown(data);
  }
}
