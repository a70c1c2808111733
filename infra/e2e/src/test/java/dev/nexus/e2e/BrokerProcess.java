package dev.nexus.e2e;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.testkit.ShortJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// A broker in a process of its own, which a test can end as a crash of its machine's power does to
/// the process: it comes back at the same address with what it has on disk.
final class BrokerProcess implements AutoCloseable {
  private static final String READY = "listens on ";

  private final Path directory;
  private final int port;
  private Process process;

  private BrokerProcess(Path directory) throws IOException {
    this.directory = directory;
    this.process = run(directory, 0);
    this.port = awaitPort(process);
  }

  /// Arguments: directory, port (0 for any).
  public static void main(String[] arguments) throws InterruptedException {
    EmbeddedBroker broker =
        EmbeddedBroker.startOwnerless(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    System.out.println(READY + broker.port());
    new CountDownLatch(1).await();
  }

  static BrokerProcess start(Path directory) throws IOException {
    return new BrokerProcess(directory);
  }

  private static Process run(Path directory, int port) throws IOException {
    List<String> command = ShortJvm.command("512m", BrokerProcess.class);
    command.addAll(List.of(directory.toString(), Integer.toString(port)));
    return new ProcessBuilder(command)
        .redirectError(
            ProcessBuilder.Redirect.appendTo(directory.resolveSibling("broker.log").toFile()))
        .start();
  }

  private static int awaitPort(Process process) throws IOException {
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(READY)) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return Integer.parseInt(line.substring(READY.length()));
      }
    }
    throw new IllegalStateException("the broker ended before it listened");
  }

  String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /// kill -9.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /// Returns when it listens again.
  void restart() throws IOException {
    process = run(directory, port);
    int found = awaitPort(process);
    if (found != port) {
      throw new IllegalStateException("port " + port + " was taken, the broker is at " + found);
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
