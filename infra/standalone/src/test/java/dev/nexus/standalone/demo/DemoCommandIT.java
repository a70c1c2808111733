package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The ends of the command, good and bad; [DemoIT] looks at the story.
class DemoCommandIT {
  @TempDir Path directory;

  @Test
  void shouldSumTheStoryUpAndLeaveNothingBehind() throws Exception {
    // Given
    var quick = Behaviour.DEFAULT.withSeed(3).withMedianLatency(Duration.ofMillis(5));
    try (var model = ScriptedModelServer.start(quick, new SynthesisScript(), 0);
        // When
        var demo =
            DemoProcess.start(
                directory,
                DemoProcess.leadingTo(model),
                "--after-first",
                "0",
                "--after-second=" + Story.Course.NONE)) {
      int exit = demo.process().awaitExit(Duration.ofSeconds(180));

      // Then
      String told = demo.process().out();
      assertThat(exit).as(told + demo.process().err()).isZero();
      assertThat(told)
          .containsSubsequence(
              "Nexus is ready at http://",
              "● hot: 109 distinct inputs",
              "✓ candidate 2 promoted",
              " requests, 0 failed, in ",
              "  who      answers      p50      p99   agrees with the truth",
              "Candidates: 2 proposed, 1 rejected, 1 promoted, 0 demoted.",
              "Events on the log:",
              "The model: model: " + ScriptedModel.NAME,
              "the projections in Redis say the same",
              "To look around, run ./nexus demo --keep");
      assertThat(demo.process().err()).doesNotContain("nexus:");
      try (Stream<Path> left = Files.list(directory)) {
        assertThat(left.map(file -> file.getFileName().toString()))
            .noneMatch(name -> name.startsWith("nexus-demo"));
      }
    }
  }

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
      assertThat(demo.process().awaitExit(Duration.ofSeconds(90))).isEqualTo(1);
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
      assertThat(demo.process().awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
      assertThat(demo.onlyObject().path("error").asText())
          .startsWith("HTTP port " + taken.getLocalPort() + " is in use");
      assertThat(demo.process().err()).contains("The model: scripted");
    }
  }
}
