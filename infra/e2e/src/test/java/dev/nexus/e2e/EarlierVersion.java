package dev.nexus.e2e;

import dev.nexus.e2e.ServicesApart.Service;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The services as they were at an earlier commit, built from the history of this repository, with
/// the libraries that this build has.
final class EarlierVersion {
  /// The last commit before facts of executions got `releaseFrom`, version 3 of their schema: the
  /// newest one that writes another form than this version, which reads its topics, its shelf and
  /// its projections. A later one writes what this one writes, so that an upgrade would show
  /// nothing. When a form changes again, the last commit before that takes its place.
  static final String COMMIT = "ea078a2adc34354b92d385a2d18af59a084f6f2d";

  /// Version of the schema of facts that it writes.
  static final int FACTS = 2;

  /// For a build beside other tests; most of it is compiling.
  private static final long MINUTES = 30;

  private final Path tree;

  private EarlierVersion(Path tree) {
    this.tree = tree;
  }

  /// Whether the history is here; who has only the newest commits cannot have it.
  static boolean isKnown() throws IOException, InterruptedException {
    return run(root(), List.of("git", "cat-file", "-e", COMMIT + "^{commit}"), log("history"));
  }

  /// Takes it out of the history and compiles it, unless that is done already.
  static EarlierVersion build() throws IOException, InterruptedException {
    Path tree = Path.of("target", "earlier", COMMIT).toAbsolutePath();
    Path done = tree.resolveSibling(COMMIT + ".built");
    if (Files.notExists(done)) {
      Files.createDirectories(tree);
      Path archive = tree.resolveSibling(COMMIT + ".tar");
      List<String> export = List.of("git", "archive", "--output=" + archive, COMMIT);
      require(root(), export, log("git-archive"));
      require(tree, List.of("tar", "-xf", archive.toString()), log("tar"));
      require(tree, maven(), log("maven"));
      Files.createFile(done);
    }
    return new EarlierVersion(tree);
  }

  /// That of a service alone, as its image has it.
  String classPath(Service service) throws IOException {
    Path target = tree.resolve(service.module()).resolve("target");
    try (Stream<Path> files = Files.list(target)) {
      Path own =
          files
              .filter(file -> file.toString().matches(".*/nexus-[^/]*\\.jar"))
              .filter(file -> !file.toString().matches(".*-(sources|tests)\\.jar"))
              .findFirst()
              .orElseThrow(() -> new IOException("no jar in " + target));
      return own + File.pathSeparator + Files.readString(target.resolve("classpath.txt")).strip();
    }
  }

  private static Path root() {
    return Path.of(System.getProperty("nexus.root", "../..")).toAbsolutePath().normalize();
  }

  /// Offline, as everything it needs was needed for this build.
  private static List<String> maven() {
    List<String> command = new ArrayList<>();
    String home = System.getenv("MAVEN_HOME");
    command.add(home == null ? "mvn" : Path.of(home, "bin", "mvn").toString());
    command.addAll(List.of("-o", "-B", "-q", "-Dquick", "-Dmaven.test.skip=true", "-am"));
    String repository = System.getProperty("localRepository");
    if (repository != null) {
      command.add("-Dmaven.repo.local=" + repository);
    }
    command.add("-pl");
    command.add(
        Arrays.stream(Service.values()).map(Service::module).collect(Collectors.joining(",")));
    command.add("package");
    return command;
  }

  private static Path log(String step) throws IOException {
    return Files.createDirectories(Path.of("target", "earlier")).resolve(step + ".log");
  }

  private static void require(Path directory, List<String> command, Path log)
      throws IOException, InterruptedException {
    if (!run(directory, command, log)) {
      throw new AssertionError(String.join(" ", command) + " failed: " + Files.readString(log));
    }
  }

  private static boolean run(Path directory, List<String> command, Path log)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    // What the Maven that runs this test has set for itself.
    environment.keySet().removeIf(name -> name.startsWith("MAVEN_") || name.startsWith("GIT_"));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    return ended && process.waitFor() == 0;
  }
}
