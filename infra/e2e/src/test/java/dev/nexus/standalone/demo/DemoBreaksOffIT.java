package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.NexusProcess;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.standalone.run.RunFile;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import java.io.PrintWriter;
import java.io.StringWriter;
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
  /// Exit code of who was told to end by `SIGTERM`.
  private static final int TERMINATED = 143;

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

  @Test
  void shouldBeNamedToWhoeverStartsOnItsPortsAndEndWithDown() throws Exception {
    String temporary = System.getProperty("java.io.tmpdir");
    try (var demo = DemoProcess.start(directory, Map.of())) {
      // Given
      Eventually.holds(
          () -> assertThat(demo.process().out()).contains("Nexus is ready at http://"));
      Path data = demo.data();
      Addresses addresses = RunFile.read(data).orElseThrow().addresses();
      String http = addresses.http().replaceFirst(".*:", "");
      String grpc = addresses.grpc().replaceFirst(".*:", "");
      Settings wanted =
          Settings.of(
              Map.of(
                  "NEXUS_DATA_DIR", directory.resolve("another").toString(),
                  "NEXUS_HTTP_PORT", http,
                  "NEXUS_GRPC_PORT", grpc));
      System.setProperty("java.io.tmpdir", directory.toString());

      // Then
      assertThatThrownBy(() -> Platform.start(wanted, Progress.silent()))
          .isInstanceOf(EmbeddedStartException.class)
          .hasMessageStartingWith(
              "HTTP port %s and gRPC port %s are those of the demonstration on %s: end it with"
                  + " ./nexus down --data %s, or set NEXUS_HTTP_PORT and NEXUS_GRPC_PORT",
              http, grpc, data, data);

      // When
      var told = new StringWriter();
      var terminal = new Terminal(new PrintWriter(told), new PrintWriter(told), Map.of());
      int code = Verbs.run(terminal, "down", "--data", data.toString());

      // Then
      assertThat(code).as(told.toString()).isZero();
      assertThat(demo.process().awaitExit(Duration.ofMinutes(5))).isEqualTo(TERMINATED);
      assertThat(data).doesNotExist();
    } finally {
      System.setProperty("java.io.tmpdir", temporary);
    }
  }
}
