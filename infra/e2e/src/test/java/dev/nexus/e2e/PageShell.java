package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.rig.PageExamples;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.rig.Shell;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where a reader pastes the examples of a page: only addresses and places are of the platform of
/// the test, and nothing is downloaded.
final class PageShell {
  private static final String ROOT = Path.of("../..").toAbsolutePath().normalize() + "/";

  private final PlatformExtension platform;
  private final Path directory;

  /// What the examples take from the environment.
  private final Map<String, String> environment = new HashMap<>();

  /// @param directory where the examples run, and write what they write
  PageShell(PlatformExtension platform, Path directory) {
    this.platform = platform;
    this.directory = directory;
  }

  /// Writes the definition of an application as a page has it, and publishes it with the page's
  /// line.
  void apply(PageExamples page, String appId) throws IOException {
    Path application = Files.createDirectories(directory.resolve(appId));
    Files.writeString(
        application.resolve("app_definition.yaml"), page.example("yaml", "appId: " + appId));
    nexus(page.example("bash", "./nexus apply " + appId));
  }

  /// Runs the lines of an example that call `./nexus`, but for the start, on the platform of the
  /// test; gives what they print.
  String nexus(String commands) {
    var printed = new StringWriter();
    for (String line : commands.lines().filter(l -> !l.startsWith("./nexus up")).toList()) {
      List<String> words = new ArrayList<>(List.of(line.split(" ")));
      assertThat(words.removeFirst()).isEqualTo("./nexus");
      if (words.getFirst().equals("apply")) {
        words.set(1, directory.resolve(words.get(1)).toString());
      }
      words.addAll(List.of("--data", platform.platform().dataDirectory().toString()));
      var errors = new StringWriter();
      int code =
          Verbs.run(
              new Terminal(new PrintWriter(printed), new PrintWriter(errors), Map.of()),
              words.toArray(String[]::new));
      assertThat(code).as("%s: %s", line, errors).isZero();
    }
    return printed.toString();
  }

  /// Runs the example that has an API key issued into this variable, and keeps the key in it.
  void issueKey(PageExamples page, String variable) {
    String issue = page.example("bash", variable + "=$(./nexus keys issue").strip();
    assertThat(issue).startsWith(variable + "=$(").endsWith(")").hasLineCount(1);
    String command = issue.substring(issue.indexOf('(') + 1, issue.length() - 1);
    environment.put(variable, nexus(command).strip());
  }

  /// Runs an example for the shell to its end; gives what it prints.
  String run(String commands) throws Exception {
    return shell().paste(here(commands));
  }

  /// Runs a command to its end; gives what it prints.
  String run(List<String> command) throws Exception {
    return shell().run(command);
  }

  /// Begins an example for the shell that does not end by itself.
  Shell.Lasting begin(String commands) throws IOException {
    return shell().begin(here(commands));
  }

  private Shell shell() {
    return new Shell(directory, environment);
  }

  /// The same text with the addresses and places of the platform of the test.
  String here(String text) {
    Path data = platform.platform().dataDirectory();
    return text.replace("http://127.0.0.1:8080", platform.url())
        .replace("localhost:9092", platform.platform().addresses().kafka())
        .replace("localhost:9095", platform.grpc())
        .replace("../nexus/data/", data + "/")
        .replace("../nexus/", ROOT)
        .replace(" data/", " " + data + "/");
  }
}
