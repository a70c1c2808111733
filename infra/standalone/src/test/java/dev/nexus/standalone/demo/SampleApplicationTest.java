package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleApplicationTest {

  @Test
  void shouldChangeNothingButPromptAndVersion(@TempDir Path directory) throws IOException {
    // Given
    var sample = SampleApplication.copy(directory);
    String prompt = Files.readString(directory.resolve("prompts/triage.yaml"));
    String definition = Files.readString(directory.resolve("app_definition.yaml"));

    // When
    sample.changePrompt();

    // Then
    assertThat(Files.readString(directory.resolve("prompts/triage.yaml"))).isNotEqualTo(prompt);
    assertThat(directory.resolve("prompts/triage.v2.yaml")).doesNotExist();
    assertThat(Files.readString(directory.resolve("app_definition.yaml")))
        .isEqualTo(definition.replaceFirst("(?m)^version:.*$", "version: 2.0.0"))
        .isNotEqualTo(definition);
  }

  @Test
  void shouldSignAsGitHubDoes() {
    // The example of GitHub's documentation on validating deliveries.
    byte[] body = "Hello, World!".getBytes(StandardCharsets.UTF_8);

    assertThat(HookClient.signature("It's a Secret to Everybody", body))
        .isEqualTo("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
  }
}
