package dev.nexus.executor.service;

import static dev.nexus.executor.service.ServiceRig.key;
import static dev.nexus.executor.service.ServiceRig.server;
import static dev.nexus.executor.service.ServiceRig.service;
import static dev.nexus.executor.service.ServiceRig.shell;
import static dev.nexus.executor.service.ServiceRig.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.Request;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is asked of services in real containers, and how they are.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ServiceReachIT {
  private static final String FOREVER = "while true; do sleep 1; done";

  private Path base;
  private String installation;
  private ServiceRig rig;

  @BeforeAll
  static void images() throws Exception {
    ServiceRig.images();
  }

  @BeforeEach
  void open() throws IOException {
    base = Files.createTempDirectory(Path.of("/tmp"), "nxs");
    installation = UUID.randomUUID().toString();
    rig = new ServiceRig(base, installation);
  }

  @AfterEach
  void close() {
    rig.close();
    SocketDirectory.removed(base);
  }

  private void awaitHealthy(String service) {
    Eventually.holds(() -> assertThat(rig.status(service).state()).isEqualTo(State.HEALTHY));
  }

  private Answer ask(String service, String method, String target, String body) throws Exception {
    var request =
        new Request(
            method,
            target,
            List.of(new Header("Host", "shop")),
            body.getBytes(StandardCharsets.UTF_8));
    return rig.ask(service, request);
  }

  private Served serve(String service, Request request) throws Exception {
    return rig.serve(service, request);
  }

  /// Nothing that it answers tells the relay that its caller has gone.
  @Test
  void shouldTakePlacesBackOfCallersThatGoWhileAServiceSaysNothing() throws Exception {
    // Given
    rig.define(server("web", ""));
    awaitHealthy("web");
    var request = new Request("GET", "/silent", List.of(new Header("Host", "shop")), new byte[0]);

    // When, more often than the relay has places
    for (int i = 0; i < 80; i++) {
      ((Served.Flowing) serve("web", request)).body().close();
    }

    // Then
    assertThat(text(ask("web", "GET", "/behind", ""))).contains("\"path\": \"/behind\"");
  }

  /// Its end is noticed, and a caller that goes leaves its place.
  @Test
  void shouldGiveAStreamAsItComes() throws Exception {
    // Given
    rig.define(server("web", ""));
    awaitHealthy("web");
    var request = new Request("GET", "/stream", List.of(new Header("Host", "shop")), new byte[0]);

    // When, more often than there are places
    for (int i = 0; i < 60; i++) {
      if (serve("web", request) instanceof Served.Flowing(var status, var headers, var body)) {
        try (body) {
          assertThat(status).isEqualTo(200);
          assertThat(headers).contains(new Header("Content-Type", "text/event-stream"));
          byte[] first = new byte[100];
          int count = body.read(first);

          // Then it is there though the service has not ended its answer
          assertThat(new String(first, 0, count, StandardCharsets.UTF_8)).contains("data: 0");
          if (i == 59) {
            ServiceRig.run("docker", "kill", rig.found("web").getFirst().container());
            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
          }
        }
      } else {
        throw new AssertionError("a stream expected");
      }
    }
  }

  private static String text(Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  @Test
  void shouldPassOnWhatIsAskedOfAPort() throws Exception {
    // Given
    rig.define(server("web", "/health"));
    awaitHealthy("web");

    // When, side by side
    List<String> paths = IntStream.range(0, 40).mapToObj(i -> "/items/" + i + "?q=" + i).toList();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers =
          paths.stream().map(path -> pool.submit(() -> ask("web", "POST", path, path))).toList();

      // Then
      for (int i = 0; i < paths.size(); i++) {
        var said = CanonicalJson.read(text(answers.get(i).get()));
        assertThat(said.get("path").textValue()).isEqualTo(paths.get(i));
        assertThat(said.get("body").textValue()).isEqualTo(paths.get(i));
      }
    }
    assertThat(text(ask("web", "GET", "/chunked", ""))).contains("\"path\": \"/chunked\"");
    assertThat(ask("web", "GET", "/broken", "").status()).isEqualTo(500);
    assertThatThrownBy(() -> ask("web", "GET", "/large", ""))
        .hasMessageContaining("at most 1048576");
  }

  /// The service is well; only the way to it has ended.
  @Test
  void shouldOpenAnotherWayWhereTheFirstHasEnded() throws Exception {
    // Given
    rig.define(server("web", ""));
    awaitHealthy("web");
    ask("web", "GET", "/before", "");
    var ways = new ArrayList<String>();
    for (var one : rig.found("web")) {
      String name = ServiceRig.run("docker", "inspect", "--format", "{{.Name}}", one.container());
      if (!name.contains("nexus-service-")) {
        ways.add(one.container());
      }
    }
    assertThat(ways).hasSize(1);

    // When
    ServiceRig.run("docker", "rm", "--force", ways.getFirst());

    // Then
    assertThat(text(ask("web", "GET", "/behind", ""))).contains("\"path\": \"/behind\"");
    assertThat(rig.status("web").restarts()).isZero();
  }

  /// As a machine that starts anew finds it, where the directory of sockets is gone, too.
  @Test
  void shouldTakeTheNameOfAnEndedContainerThatNobodyKnows() throws Exception {
    // Given
    String service = key("agent").text();
    ServiceRig.run(
        "docker",
        "create",
        "--name",
        "nexus-service-" + NameIds.uuid5(installation, service),
        "--label",
        Engine.LABEL_SERVICE + "=" + service,
        ServiceRig.IMAGE,
        "true");

    // When
    rig.define(shell("agent", FOREVER));

    // Then
    awaitHealthy("agent");
    assertThat(rig.status("agent").restarts()).isZero();
  }

  @Test
  void shouldBeginAServiceAgainThatIsUnwellThreeTimes() {
    // Given one whose health path fails from its fourth answer on
    String failing =
        ServiceRig.SERVER.replace(
            "self.send_response(500 if self.path == '/broken' else 200)",
            "Handler.n = getattr(Handler, 'n', 0) + 1; self.send_response(500 if Handler.n > 1 else 200)");
    rig.define(
        with(
            service("web", "python3", "-c", failing),
            "",
            new Reach(8000, "/health", false),
            Duration.ofSeconds(60)));

    // Then
    Eventually.holds(
        () ->
            assertThat(rig.heard().endedOf("web"))
                .isNotEmpty()
                .first()
                .satisfies(
                    ended -> {
                      assertThat(ended.reason()).isEqualTo(EndReason.UNHEALTHY);
                      assertThat(ended.detail()).contains("3 times", "answered with 500");
                    }));
    assertThat(rig.heard().healthyOf("web")).isNotEmpty();
  }

  @Test
  void shouldEndAServiceThatIsNotWellInTime() {
    rig.define(with(shell("web", FOREVER), "", new Reach(8000, "", false), Duration.ofSeconds(2)));
    Eventually.holds(
        () ->
            assertThat(rig.heard().endedOf("web"))
                .isNotEmpty()
                .first()
                .extracting(HeardServices.Ended::detail)
                .asString()
                .contains("not well within 2 s", "nothing listens at its port"));
    assertThat(rig.heard().healthyOf("web")).isEmpty();
    assertThatThrownBy(() -> rig.services().healthy(key("web"))).hasMessageContaining("since");
  }

  @Test
  void shouldAnswerEachCallerOfAProgramThatSpeaksByItsStandardOutput() throws Exception {
    // Given one that answers in any order
    String program =
        """
        import json, sys, threading, time, random
        lock = threading.Lock()
        def answer(message):
          time.sleep(random.random() / 20)
          with lock:
            print(json.dumps({'jsonrpc': '2.0', 'id': message['id'], 'result': message['params']}), flush=True)
        for line in sys.stdin:
          message = json.loads(line)
          print('heard', message.get('method'), file=sys.stderr, flush=True)
          if 'id' in message: threading.Thread(target=answer, args=(message,)).start()
        """;
    rig.define(
        with(
            service("mcp", "python3", "-c", program),
            "",
            new Reach(0, "", true),
            Duration.ofSeconds(60)));
    awaitHealthy("mcp");
    StdioRpc rpc = rig.services().healthy(key("mcp")).rpc();

    // When all of them use the same id
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers =
          IntStream.range(0, 50)
              .mapToObj(
                  i ->
                      pool.submit(
                          () ->
                              rpc.ask(message("\"id\":\"one\",", i), Duration.ofSeconds(30))
                                  .orElseThrow()
                                  .toString()))
              .toList();

      // Then
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).contains("\"id\":\"one\"", "{\"n\":" + i + "}");
      }
    }
    assertThat(rpc.ask(message("", 7), Duration.ofSeconds(30))).isEmpty();
    Eventually.holds(() -> assertThat(rig.heard().lines).contains("E heard echo"));
    assertThat(rig.heard().lines).noneMatch(line -> line.startsWith("O "));
  }

  private static ObjectNode message(String id, int n) {
    return (ObjectNode)
        CanonicalJson.read(
            "{\"jsonrpc\":\"2.0\"," + id + "\"method\":\"echo\",\"params\":{\"n\":" + n + "}}");
  }
}
