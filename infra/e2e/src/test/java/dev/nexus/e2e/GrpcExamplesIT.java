package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.rig.PageExamples;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The clients of `docs/grpc.md` and the lines that run them, as a reader pastes them: only
/// addresses and places are of the platform of the test.
@NeedsTool({"node", "npm"})
class GrpcExamplesIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final PageExamples PAGE = new PageExamples("grpc.md");

  private static NodeProgram clients;
  private static PageShell shell;

  @BeforeAll
  static void prepare() throws Exception {
    clients = NodeProgram.install("grpc");
    shell = new PageShell(platform, clients.directory());
  }

  @Test
  void shouldRunTheCallAndPrintItsFacts() throws Exception {
    // Given
    var applied = new Commands(platform.platform().dataDirectory()).run("apply", Commands.HELLO);
    assertThat(applied.code()).as(applied.err()).isZero();

    // When
    String printed = run("call.js");

    // Then
    assertThat(printed)
        .contains("STATUS_SUCCEEDED {", "Ada", "1 ExecutionAccepted", "ExecutionSucceeded");
  }

  @Test
  void shouldStartAnExecutionByThePublisherAndPrintTheAcknowledgement() throws Exception {
    // Given the application of the page that its source is of
    shell.apply(new PageExamples("producers.md"), "shop");

    // When
    String printed = run("publish.js");

    // Then
    assertThat(printed.lines()).contains("order-5 accepted");
    var shop = new EventOutcomes(platform, "shop");
    Eventually.holds(
        () -> {
          assertThat(shop.events("order-5&status=matched")).hasSize(1);
          assertThat(shop.outputs("order-5")).containsExactly("{\"amount\":7}");
        });
  }

  private static String run(String script) throws Exception {
    String source = PAGE.example("js", "// " + script + " PROTO KEY");
    assertThat(source).contains("'localhost:9095'");
    Files.writeString(clients.directory().resolve(script), shell.here(source));
    return shell.run(PAGE.example("sh", "node " + script));
  }
}
