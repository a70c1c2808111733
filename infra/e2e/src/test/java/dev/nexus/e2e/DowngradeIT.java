package dev.nexus.e2e;

import static dev.nexus.e2e.Commands.HELLO;
import static dev.nexus.e2e.Commands.findings;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.e2e.Commands.Outcome;
import dev.nexus.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a person is told who starts an older version on what a newer one has written, and that the
/// newer one can go on with it afterwards.
class DowngradeIT {
  @RegisterExtension final OwnPlatform platform = new OwnPlatform();

  private final Path directory = platform.directory();
  private final Commands commands = platform.commands();

  @Test
  void shouldSayWhyItDoesNotStartAndLeaveEverythingAsItIs() throws Exception {
    // Given what a version of tomorrow leaves where this one is started
    commands.up();
    assertThat(commands.run("apply", HELLO).code()).isZero();
    String execution = commands.invoke("30s", "before-the-downgrade").path("executionId").asText();
    assertThat(commands.run("down").code()).isZero();
    Path note = directory.resolve("written-schemas").resolve("ExecutionEvent.v99");
    Files.createFile(note);

    // When
    Outcome up = commands.run("up", "--detach");

    // Then the reason and what to do are in the one line it prints, and doctor knows them later
    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err().lines()).hasSize(1);
    assertThat(up.err())
        .startsWith("nexus: a newer version of Nexus has written to nexus.executions:")
        .contains("ExecutionEvent v99, of which this version reads up to v")
        .contains("start the newer version again");
    Outcome check = commands.run("up", "--check");
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.err()).isEqualTo(up.err());
    JsonNode last = findings(commands.run("doctor", "--json")).get("last start");
    assertThat(last.path("verdict").asText()).isEqualTo("broken");
    assertThat(last.path("mend").asText()).startsWith("start the newer version again");

    // When the newer one is there again, as which this one goes here
    Files.delete(note);
    commands.up();

    // Then nothing has changed meanwhile
    Eventually.holds(
        () ->
            assertThat(commands.run("executions", "get", execution).out())
                .contains("status: SUCCEEDED"));
    Eventually.holds(
        () ->
            assertThat(commands.invoke("30s", "before-the-downgrade").path("executionId").asText())
                .isEqualTo(execution));
    Eventually.holds(commands::assertVerified);
  }
}
