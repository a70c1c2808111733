package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.NeedsTool;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The clients of `docs/grpc.md`, as a reader pastes them: only the address is of the platform of
/// the test.
@NeedsTool({"node", "npm"})
class GrpcExamplesIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final PageExamples PAGE = new PageExamples("grpc.md");

  private static NodeProgram clients;

  @BeforeAll
  static void prepare() throws Exception {
    clients = NodeProgram.install("grpc");
  }

  @Test
  void shouldRunTheCallAndPrintItsFacts() throws Exception {
    // Given
    var applied = new Commands(platform.platform().dataDirectory()).run("apply", Commands.HELLO);
    assertThat(applied.code()).as(applied.err()).isZero();

    // When
    String key = platform.key("app:hello:invoke", "app:hello:read");
    String printed = run("call.js", proto("executions.proto"), key);

    // Then
    assertThat(printed)
        .startsWith("STATUS_SUCCEEDED {")
        .contains("Ada", "1 ExecutionAccepted", "ExecutionSucceeded");
  }

  @Test
  void shouldRunThePublisherAndPrintTheAcknowledgement() throws Exception {
    // Given
    platform.apply("intake");

    // When
    String key = platform.key("app:intake:invoke");
    String printed = run("publish.js", proto("events.proto"), key, "urn:intake:shop");

    // Then
    assertThat(printed.strip()).isEqualTo("1 accepted");
  }

  private static String proto(String file) {
    return Path.of("../../event-schemas/src/main/proto/nexus/v1", file).toAbsolutePath().toString();
  }

  private static String run(String script, String... arguments) throws Exception {
    String source = PAGE.example("js", "// " + script + " PROTO KEY");
    assertThat(source).contains("'localhost:9095'");
    return clients
        .with(script, source.replace("localhost:9095", platform.grpc()))
        .run(script, "", arguments);
  }
}
