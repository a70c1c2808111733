package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.rig.PlatformExtension;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What `./nexus` notes of what was done as asked, and has no effect yet.
class RemarksIT {
  /// Without a model.
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {}

  @Test
  void shouldNoteThatNoModelAnswersThePromptsOfWhatIsApplied() throws Exception {
    // Given
    Files.writeString(
        directory.resolve("app_definition.yaml"),
        """
        appId: unanswered
        components:
          - {componentId: sort, handlerType: LLM, taskDetails: {template: "Sort {{ input }}"}}
        """);

    // When
    Outcome applied = run("apply", directory.toString());

    // Then
    assertThat(applied.code()).as(applied.err()).isZero();
    assertThat(applied.err())
        .contains(
            "note: the prompt of sort fails when it is asked in this process: no model is"
                + " configured: set NEXUS_LLM_BASE_URL to an OpenAI-compatible API (with /v1),"
                + " NEXUS_LLM_API_KEY and NEXUS_LLM_MODEL, and start again");
  }

  @Test
  void shouldNoteThatAKeyIsForAnApplicationThatThereIsNot() {
    // Given
    platform.apply("patient");

    // When
    Outcome issued = run("keys", "issue", "--scope", "app:pateint:invoke");

    // Then
    assertThat(issued.code()).as(issued.err()).isZero();
    assertThat(issued.out()).startsWith("nxs_live_");
    assertThat(issued.err())
        .contains(
            "note: scope app:pateint:invoke: there is no application 'pateint' yet; did you mean"
                + " patient?");
  }

  private static Outcome run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        Verbs.run(
            new Terminal(
                new PrintWriter(out),
                new PrintWriter(err),
                Map.of("NEXUS_URL", platform.url(), "NEXUS_KEY", platform.operatorKey())),
            arguments);
    return new Outcome(code, out.toString(), err.toString());
  }
}
