package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private int check(String port) {
    Map<String, String> environment =
        Map.of(
            "NEXUS_DATA_DIR",
            directory.toString(),
            "NEXUS_HTTP_PORT",
            port,
            "NEXUS_GRPC_PORT",
            "0");
    var terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment);
    return Verbs.run(terminal, "up", "--check");
  }
}
