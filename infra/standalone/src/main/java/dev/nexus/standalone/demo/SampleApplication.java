package dev.nexus.standalone.demo;

import dev.nexus.standalone.verb.CommandFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// A working copy of the sample's definition, whose prompt the demonstration changes.
final class SampleApplication {
  static final String APP_ID = "webhook-triage";
  static final String COMPONENT = "triage";

  private static final String DEFINITION = "app_definition.yaml";
  private static final String PROMPT = "prompts/triage.yaml";
  private static final String NEXT_PROMPT = "prompts/triage.v2.yaml";
  private static final List<String> FILES =
      List.of(DEFINITION, PROMPT, "schemas/webhook.schema.json", "schemas/triage.schema.json");

  private final Path directory;

  private SampleApplication(Path directory) {
    this.directory = directory;
  }

  /// Copies the sample, as it was built, to `target`.
  static SampleApplication copy(Path target) {
    for (String file : FILES) {
      copy(file, target.resolve(file));
    }
    return new SampleApplication(target);
  }

  Path directory() {
    return directory;
  }

  /// Puts the second wording in the place of the first, and counts the version up.
  void changePrompt() {
    copy(NEXT_PROMPT, directory.resolve(PROMPT));
    Path definition = directory.resolve(DEFINITION);
    try {
      List<String> lines =
          Files.readAllLines(definition).stream()
              .map(line -> line.startsWith("version:") ? "version: 2.0.0" : line)
              .toList();
      Files.write(definition, lines);
    } catch (IOException e) {
      throw new CommandFailedException("the version in " + definition + " cannot be changed", e);
    }
  }

  private static void copy(String file, Path target) {
    String resource = "/webhook-triage/state/" + file;
    try (InputStream content = SampleApplication.class.getResourceAsStream(resource)) {
      if (content == null) {
        throw new CommandFailedException(
            resource + " is not on the class path: build infra/scripted-model again");
      }
      Files.createDirectories(target.toAbsolutePath().getParent());
      Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CommandFailedException(target + " cannot be written: " + e.getMessage(), e);
    }
  }
}
