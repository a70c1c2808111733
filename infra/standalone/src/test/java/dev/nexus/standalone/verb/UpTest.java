package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldOnlyLookWhetherItCouldStart() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // When
      int free = check("0");
      int refused = check(String.valueOf(taken.getLocalPort()));

      // Then
      assertThat(free).isZero();
      assertThat(refused).isEqualTo(1);
      assertThat(out.toString()).isEmpty();
      assertThat(err.toString())
          .startsWith("nexus: HTTP port " + taken.getLocalPort() + " is in use: stop what uses it")
          .hasLineCount(1);
      assertThat(directory).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--detach"})
  void shouldLeaveNoDirectoryWhenItIsRefused(String option) throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Given
      String port = String.valueOf(taken.getLocalPort());
      Map<String, String> environment = new HashMap<>(environment(port));
      environment.put("NEXUS_DATA_DIR", directory.resolve("made/data").toString());
      environment.put("NEXUS_SHARED_DIR", directory.resolve("shared").toString());
      environment.put("NEXUS_HTTP_PROT", "8081");

      // When
      int code = option.isEmpty() ? run(environment, "up") : run(environment, "up", option);

      // Then
      assertThat(code).isEqualTo(1);
      assertThat(err.toString())
          .contains("NEXUS_HTTP_PROT is no setting")
          .contains("nexus: HTTP port " + port + " is in use: stop what uses it");
      assertThat(directory).isEmptyDirectory();
    }
  }

  @Test
  void shouldMakeNoDirectoryWhereANewerVersionHasWritten() throws Exception {
    // Given
    Path notes = Files.createDirectory(directory.resolve("written-schemas"));
    Files.createFile(notes.resolve("ExecutionEvent.v99"));
    Map<String, String> environment = new HashMap<>(environment("0"));
    environment.put("NEXUS_PAYLOAD_DIR", directory.resolve("payloads").toString());

    // When
    int code = run(environment, "up", "--check");

    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("nexus: a newer version of Nexus has written to nexus.executions");
    assertThat(directory.resolve("payloads")).doesNotExist();
  }

  private int check(String port) {
    return run(environment(port), "up", "--check");
  }

  private Map<String, String> environment(String port) {
    return Map.of(
        "NEXUS_DATA_DIR", directory.toString(), "NEXUS_HTTP_PORT", port, "NEXUS_GRPC_PORT", "0");
  }

  private int run(Map<String, String> environment, String... arguments) {
    var terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment);
    return Verbs.run(terminal, arguments);
  }
}
