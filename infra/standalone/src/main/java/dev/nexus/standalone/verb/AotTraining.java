package dev.nexus.standalone.verb;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.observe.Logs;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Starts a platform on a directory of its own, uses it for a moment and ends it, so that the JVM
/// can keep the classes and profiles it met. `./nexus` runs it once after a build; an image of the
/// services has each of them used so.
@Command(
    name = "aot-training",
    hidden = true,
    description = "Uses the platform for a moment, for the JVM to learn from.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -XX:AOTCacheOutput=nexus.aot -cp … \\",
      "      dev.nexus.standalone.Nexus aot-training",
      "  java -cp … dev.nexus.standalone.Nexus aot-training \\",
      "      --services /opt/nexus/training",
    })
final class AotTraining implements Callable<Integer> {
  private static final int CALLS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String DEFINITION =
      """
      appId: training
      components:
        - componentId: echo
          handlerType: BUILTIN
          taskDetails:
            function: echo
      """;

  private final Terminal terminal;

  @Option(
      names = "--services",
      paramLabel = "DIR",
      description =
          "Use each service as a process of its own: DIR/SERVICE/java.args says how it is started,"
              + " DIR/SERVICE/nexus.aot is what its JVM keeps.")
  private @Nullable Path services;

  AotTraining(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path data = Files.createTempDirectory("nexus-aot");
    try {
      if (services == null) {
        together(data);
      } else {
        apart(data, services);
      }
    } finally {
      Logs.off();
      delete(data);
    }
    return 0;
  }

  private void apart(Path data, Path directory) throws IOException, InterruptedException {
    try (ServicesInTraining apart = ServicesInTraining.start(data, directory)) {
      commands(data, apart.shell(), List.of(List.of("oracle", "status")));
      calls(apart.url(), apart.key());
      apart.end();
    }
  }

  private void together(Path data) throws IOException, InterruptedException {
    Map<String, String> environment =
        Map.of(
            "NEXUS_DATA_DIR", data.toString(),
            "NEXUS_HTTP_PORT", "0",
            "NEXUS_GRPC_PORT", "0",
            "NEXUS_KAFKA_PORT", "0");
    Logs.toFile(data);
    try (Platform platform = Platform.start(Settings.of(environment), Progress.silent())) {
      // Whoever ends the training early ends its Redis as well; closing twice does nothing.
      Runtime.getRuntime().addShutdownHook(new Thread(platform::close, "training-shutdown"));
      commands(
          data,
          environment,
          List.of(
              List.of("status"),
              List.of("doctor"),
              List.of("oracle", "status"),
              List.of("events", "executions")));
      calls(platform.addresses().http(), OperatorKey.read(platform.dataDirectory()).orElseThrow());
    }
  }

  /// Some commands that every form of the platform answers, and then `more`.
  private void commands(Path data, Map<String, String> environment, List<List<String>> more)
      throws IOException {
    Path application = Files.createDirectories(data.resolve("training"));
    Files.writeString(application.resolve("app_definition.yaml"), DEFINITION);
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Terminal quiet = new Terminal(nowhere, terminal.err(), environment);
    List<List<String>> all =
        new ArrayList<>(
            List.of(
                List.of("apply", application.toString()),
                List.of("invoke", "training", "echo", "--input", "{\"a\":1}"),
                List.of("keys", "list"),
                List.of("executions", "list")));
    all.addAll(more);
    for (List<String> command : all) {
      if (Verbs.run(quiet, command.toArray(String[]::new)) != 0) {
        throw new CommandFailedException("'nexus " + String.join(" ", command) + "' failed");
      }
    }
  }

  private static void calls(String url, String key) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/apps/training/components/echo/invoke"))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + key)
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString("{\"a\":1}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < CALLS; i++) {
        client.send(request, BodyHandlers.ofString());
      }
    }
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
