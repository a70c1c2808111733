package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "apply",
    description = "Publishes the application in a directory, whole or not at all.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus apply shop/               its id stands in app_definition.yaml",
      "  ./nexus apply shop/ --json        prints digest and revision for programs",
    })
final class Apply implements Callable<Integer> {
  private static final String DEFINITION = "app_definition.yaml";

  /// A file that is no text: it is sent in base64.
  private static final String MODULE = ".wasm";

  /// Any text, so that a name which is wrong is refused with its line, and with all other faults.
  private static final Pattern APP_ID =
      Pattern.compile("(?m)^appId:[ \\t]*[\"']?([^\"'#\\r\\n]+?)[\"']?[ \\t]*(#.*)?\\r?$");
  private static final long LARGEST_FILE = 1L << 20;

  private final Terminal terminal;

  @Mixin private final Api api = new Api();

  @Parameters(paramLabel = "DIR", description = "Directory with app_definition.yaml.")
  private Path directory = Path.of(".");

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  Apply(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ObjectNode body = Terminal.object();
    ObjectNode files = body.putObject("files");
    for (Path file : files(directory)) {
      String name = directory.relativize(file).toString().replace(java.io.File.separatorChar, '/');
      files.put(name, content(file));
    }
    String appId = appId(files);
    JsonNode answer =
        api.post(
                terminal,
                "/v1/apps/" + Api.encoded(appId.replace('/', '-')) + "/apply",
                body.toString())
            .body();
    if (json) {
      terminal.print(answer);
    } else {
      String from = files.size() == 1 ? "one file" : files.size() + " files";
      terminal.print("applied " + appId + " from " + from);
      for (String field : List.of("digest", "revision", "changed")) {
        if (answer.hasNonNull(field)) {
          terminal.print("  " + field + ": " + answer.get(field).asText());
        }
      }
      for (String field : List.of("triggers", "sources")) {
        List<String> names = answer.path(field).valueStream().map(JsonNode::asText).toList();
        if (!names.isEmpty()) {
          terminal.print("  " + field + ": " + String.join(", ", names));
        }
      }
      answer.path("remarks").forEach(remark -> terminal.tell("  note: " + remark.asText()));
    }
    return 0;
  }

  /// What lies beside `state/` is no part of the application.
  private static List<Path> files(Path directory) {
    Path root =
        Files.exists(directory.resolve("state").resolve(DEFINITION))
            ? directory.resolve("state")
            : directory;
    if (!Files.isDirectory(root)) {
      throw new CommandFailedException(directory + " is no directory");
    }
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.filter(Files::isRegularFile).filter(f -> !isHidden(root, f)).sorted().toList();
    } catch (IOException e) {
      throw new CommandFailedException(directory + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isHidden(Path directory, Path file) {
    for (Path part : directory.relativize(file)) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static String content(Path file) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new CommandFailedException(file + " is larger than 1 MiB, which no application is");
      }
      if (file.toString().endsWith(MODULE)) {
        return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (MalformedInputException e) {
      throw new CommandFailedException(
          file + " is no UTF-8 text, as all files but *" + MODULE + " are", e);
    } catch (IOException e) {
      throw new CommandFailedException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private String appId(ObjectNode files) {
    for (String place : List.of(DEFINITION, "state/" + DEFINITION)) {
      if (files.has(place)) {
        Matcher matcher = APP_ID.matcher(files.get(place).asText());
        if (matcher.find()) {
          return matcher.group(1);
        }
        throw new CommandFailedException(
            directory.resolve(place) + ": expected a line 'appId: <name>', found none");
      }
    }
    throw new CommandFailedException(
        directory + " holds no " + DEFINITION + ": is it the directory of an application?");
  }
}
