package dev.nexus.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/// The image that services of tests run, and the engine that runs them.
final class ServiceImage {
  static final String NAME = "nexus-test/service:e2e";
  static final String RUNNERS = "nexus/runner-{runner}:offline";
  static final String HOST =
      Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock");

  private ServiceImage() {}

  /// Builds what is missing: the runner of Python, but begun as whoever uses it says.
  static void build() throws IOException, InterruptedException {
    String script = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    require(new ProcessBuilder(script, "--runners").inheritIO().start());
    Process build =
        new ProcessBuilder("docker", "build", "--quiet", "--tag", NAME, "-")
            .inheritIO()
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .start();
    try (OutputStream dockerfile = build.getOutputStream()) {
      dockerfile.write(
          "FROM nexus/runner-python:offline\nENTRYPOINT []\n".getBytes(StandardCharsets.UTF_8));
    }
    require(build);
  }

  private static void require(Process process) throws InterruptedException {
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the image of services could not be built");
    }
  }

  /// What `docker` prints.
  static String docker(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "docker";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
