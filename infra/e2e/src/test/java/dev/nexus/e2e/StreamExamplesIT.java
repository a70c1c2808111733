package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.rig.PageExamples;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The examples of `docs/queries.md` for the live stream, as a reader pastes them: only addresses
/// and places are of the platform of the test.
class StreamExamplesIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final PageExamples PAGE = new PageExamples("queries.md");

  @TempDir Path directory;

  @Test
  @NeedsTool("curl")
  void shouldPrintWhatEndsAndThenWhatCameMeanwhile() throws Exception {
    // Given an application that is known to those who answer queries
    var shell = new PageShell(platform, directory);
    var commands = new Commands(platform.platform().dataDirectory());
    var applied = commands.run("apply", Commands.HELLO);
    assertThat(applied.code()).as(applied.err()).isZero();
    Eventually.holds(
        () -> assertThat(platform.get("/v1/executions?app=hello").statusCode()).isEqualTo(200));

    // When
    Path facts = directory.resolve("facts.txt");
    String heard;
    try (var first = shell.begin(PAGE.example("bash", "tee facts.txt"))) {
      Eventually.holds(() -> assertThat(first.printed()).contains("event: open"));
      heard = invoke(commands, "heard");
      Eventually.holds(() -> assertThat(wholeEventsOf(facts)).contains(heard));
    }

    // Then only what the filter lets through
    assertThat(wholeEventsOf(facts))
        .contains("event: ExecutionSucceeded")
        .doesNotContain("event: ExecutionAccepted");

    // When
    String missed = invoke(commands, "missed");
    try (var again = shell.begin(PAGE.example("bash", "Last-Event-ID"))) {
      // Then
      Eventually.holds(
          () ->
              assertThat(again.printed())
                  .contains(missed, "event: ExecutionAccepted", "event: ExecutionSucceeded"));
      assertThat(again.printed()).doesNotContain(heard, "event: gap", "event: dropped");
    }
  }

  private static String invoke(Commands commands, String once) {
    return commands.invoke("30s", "stream-example-" + once).path("executionId").asText();
  }

  /// What a stream has brought to a file, without the event that is being written; "" before there
  /// is one.
  private static String wholeEventsOf(Path file) throws Exception {
    String written = Files.exists(file) ? Files.readString(file) : "";
    int end = written.lastIndexOf("\n\n");
    return end < 0 ? "" : written.substring(0, end);
  }
}
