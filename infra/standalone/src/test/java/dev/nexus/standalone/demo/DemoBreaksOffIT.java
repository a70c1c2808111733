package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.standalone.NexusProcess;
import dev.nexus.testkit.Eventually;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the command says when it cannot begin, or cannot go on.
class DemoBreaksOffIT {
  @TempDir Path directory;

  @Test
  void shouldBreakOffWithTheReasonWhenTheModelRefuses() throws Exception {
    HttpServer model = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    byte[] body =
        "{\"error\":{\"message\":\"this key is wrong\"}}".getBytes(StandardCharsets.UTF_8);
    model.createContext(
        "/",
        call -> {
          call.getRequestBody().readAllBytes();
          call.sendResponseHeaders(401, body.length);
          call.getResponseBody().write(body);
          call.close();
        });
    model.start();
    String url = "http://127.0.0.1:" + model.getAddress().getPort() + "/v1";
    try (var demo = DemoProcess.start(directory, Map.of("NEXUS_LLM_BASE_URL", url))) {
      assertThat(demo.process().awaitExit(Duration.ofMinutes(5))).isEqualTo(1);
      assertThat(demo.process().out())
          .contains("● deliveries begin", "To look around, run ./nexus demo --keep")
          .contains("  ./nexus oracle status webhook-triage triage --data DIR");
      assertThat(demo.process().err())
          .contains("What happened is in " + demo.data().resolve("nexus.log"))
          .containsPattern(
              "nexus: the story broke off waiting for the first promotion: no request has been"
                  + " answered, the last one failed with: .*401");
      assertThat(EmbeddedRedis.urlOfRunning(demo.data().resolve("redis"))).isEmpty();
    } finally {
      model.stop(0);
    }
  }

  @Test
  void shouldPrintOneObjectWhenItCannotBegin() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var demo =
            DemoProcess.start(
                directory,
                Map.of("NEXUS_HTTP_PORT", Integer.toString(taken.getLocalPort())),
                "--json")) {
      assertThat(demo.process().awaitExit(Duration.ofMinutes(5))).isEqualTo(1);
      assertThat(demo.onlyObject().path("error").asText())
          .startsWith("HTTP port " + taken.getLocalPort() + " is in use");
      assertThat(demo.process().err()).contains("The model: scripted");
    }
  }

  @Test
  void shouldLeaveNothingBehindWhenItIsToldToEnd() throws Exception {
    try (var demo = DemoProcess.start(directory, Map.of())) {
      // Given
      Eventually.holds(
          () -> assertThat(demo.process().out()).contains("Nexus is ready at http://"));
      Path data = demo.data();

      // When
      demo.process().interrupt();

      // Then
      assertThat(demo.process().awaitExit(Duration.ofMinutes(5)))
          .isEqualTo(NexusProcess.INTERRUPTED);
      assertThat(data).doesNotExist();
      assertThat(demo.process().err()).doesNotContain("What happened is in");
    }
  }
}
