package dev.nexus.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A program for Node in `src/test/NAME`, run with the packages that its lock file names.
final class NodeProgram {
  private final Path directory;

  private NodeProgram(Path directory) {
    this.directory = directory;
  }

  /// Copies it to `target/NAME` and gets its packages.
  static NodeProgram install(String name) throws InterruptedException {
    var program = new NodeProgram(Path.of("target", name));
    try (Stream<Path> files = Files.list(Path.of("src/test", name))) {
      Files.createDirectories(program.directory);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(
            file,
            program.directory.resolve(file.getFileName()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    program.run(
        "",
        List.of(
            "npm",
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--loglevel=error"));
    return program;
  }

  /// Where it was copied to, with its packages.
  Path directory() {
    return directory;
  }

  /// Runs one of its scripts; gives what it prints.
  String run(String script, String input, String... arguments) throws InterruptedException {
    return run(input, Stream.concat(Stream.of("node", script), Stream.of(arguments)).toList());
  }

  private String run(String input, List<String> command) throws InterruptedException {
    Path errors = directory.resolve("errors.txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectError(errors.toFile())
              .start();
      try (var out = process.outputWriter(StandardCharsets.UTF_8)) {
        out.write(input);
      } catch (IOException e) {
        // npm does not read
      }
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new AssertionError(
            String.join(" ", command) + " failed: " + printed + Files.readString(errors));
      }
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
