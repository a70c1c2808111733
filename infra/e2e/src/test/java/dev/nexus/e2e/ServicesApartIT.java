package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.e2e.AuditedCalls.Door;
import dev.nexus.e2e.ServicesApart.Service;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Seeds;
import dev.nexus.testkit.SentEvent;
import dev.nexus.testkit.UnreadStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// kill -9 of each service as a process of its own, at a random point of a load that goes through
/// all of them: the others go on with what does not need it, `doctor` names it, and what was
/// accepted ends once.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServicesApartIT {
  @RegisterExtension static final FaultRig rig = FaultRig.apart(ServicesApart::start);

  private static final String TRIAGE = "triage";
  private static final int ASKERS = 8;
  private static final String INVOKE = "/v1/apps/kill/components/echo/invoke?wait=0s";

  /// Below what stands beside the log, so that each is in a fact.
  private static final int LARGE_INPUT = 250_000;

  private static final int LARGE_CALLS = 50 * ASKERS;

  /// What may wait for a client that does not read: 8 MiB at the projector, and what the sockets on
  /// the way take, of which one may take 32 MiB. It is less than what is written.
  private static final long MOST_KEPT = (long) LARGE_CALLS * LARGE_INPUT / 5 * 4;

  /// A test that failed before it did so itself is not to fail the others.
  @AfterEach
  void startWhatIsMissing() throws IOException {
    rig.services().startMissing();
  }

  @ParameterizedTest
  @EnumSource(Service.class)
  void shouldLoseNothingWhenAServiceIsKilledAndStartedAgain(Service service) throws Exception {
    if (service == Service.PROJECTOR) {
      try (StreamWatcher watcher = StreamWatcher.of(rig)) {
        killAmidLoad(service);
        watcher.assertHeardAllOnce(rig.clients());
      }
    } else {
      killAmidLoad(service);
    }
    if (named(service)) {
      new MissingService(rig.services(), service).awaitGoneBy();
    }
    Eventually.holds(() -> assertThat(rig.services().log(service)).content().contains("begun"));
  }

  private static void killAmidLoad(Service service) throws Exception {
    rig.through(
        fault(service),
        service == Service.ORACLE ? ServicesApartIT::awaitPromotion : () -> {},
        () -> {
          switch (service) {
            case COMMAND_SERVICE -> {
              rig.publish();
              killAmidToolCalls(service);
            }
            case GATEWAY -> killAmidToolCalls(service);
            case ORACLE -> killWhatManagesARoute();
            case PROJECTOR -> killAmidRefusals();
            case EXECUTOR -> kill(service);
          }
        });
  }

  @Test
  void shouldAnswerEverythingAtOneAddress() throws Exception {
    // Given
    String url = rig.services().url(Service.COMMAND_SERVICE);
    try (var stream = LiveStream.through(url, rig.key());
        var tools = new ToolCalls(url, rig.key())) {
      // When
      String called =
          CanonicalJson.read(rig.callUntilAnswered("echo").body()).path("executionId").asText();
      awaitMore(tools);
      String tool = tools.finish().iterator().next();

      // Then
      stream.awaitEnd(called);
      stream.awaitEnd(tool);
      for (String execution : List.of(called, tool)) {
        Eventually.holds(
            () ->
                assertThat(rig.send(rig.request("/v1/executions/" + execution).GET()).body())
                    .contains("ExecutionSucceeded"));
      }
      rig.alsoAccepted(tools.executions());
    }
    // What a service does not say within moments is left out.
    Eventually.holds(
        () ->
            assertThat(rig.send(rig.request("/docs/openapi.json").GET()).body())
                .contains("/v1/executions/{id}", "/mcp/{", "/invoke")
                .doesNotContain("missing here"));
    Eventually.holds(
        () ->
            assertThat(doctor(Map.of("NEXUS_URL", url, "NEXUS_KEY", rig.key())))
                .contains("  quarantined: no execution is", "  dead letters: ")
                .doesNotContain("not known"));
    assertThat(doctor(Map.of("NEXUS_URL", rig.services().url(Service.EXECUTOR), "NEXUS_KEY", "k")))
        .contains("warn  quarantined: not known: ", "warn  dead letters: not known: ");
  }

  /// Who passes a stream on keeps nothing for a client that does not read: so the projector notices
  /// it, and says so. Last, as the others would read what it writes.
  @Order(Integer.MAX_VALUE)
  @Test
  void shouldDropWhoDoesNotReadByTheOneAddressAndKeepLittleForIt() throws Exception {
    // Given a client that has heard that the stream is open, and reads no more
    rig.awaitGet("/v1/executions?app=kill&limit=1", r -> r.statusCode() == 200);
    URI door = URI.create(rig.services().url(Service.COMMAND_SERVICE));
    String path = "/v1/stream?app=kill&type=ExecutionAccepted";
    try (var unread = new UnreadStream(door, rig.key(), path);
        var reading = LiveStream.of(rig)) {
      assertThat(unread.readEvent().name()).isEqualTo("open");

      // When more is written than all buffers on the way hold
      callWithLargeInputs().forEach(reading::awaitEnd);

      // Then what it finds when it reads on ends with the reason
      SentEvent event = unread.readEvent();
      int quiet = 0;
      while (!event.name().equals("dropped")) {
        quiet += event.name().equals("quiet") ? 1 : 0;
        assertThat(quiet).as("signs of life of a stream that has told all").isLessThan(3);
        assertThat(unread.received()).as("bytes that waited for it").isLessThan(MOST_KEPT);
        event = unread.readEvent();
      }
      assertThat(event.data()).contains("too slow: more than 8 MiB of facts waited");
    }
  }

  /// The executions, which have ended.
  private static List<String> callWithLargeInputs() throws Exception {
    String input = "{\"text\":\"" + "x".repeat(LARGE_INPUT) + "\"}";
    Callable<List<String>> asker =
        () -> {
          List<String> ended = new ArrayList<>();
          for (int i = 0; i < LARGE_CALLS / ASKERS; i++) {
            ended.add(callUntilAnswered(input));
          }
          return ended;
        };
    List<String> ended = new ArrayList<>();
    try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<List<String>> one : askers.invokeAll(Collections.nCopies(ASKERS, asker))) {
        ended.addAll(one.get());
      }
    }
    return ended;
  }

  private static String callUntilAnswered(String input) {
    HttpResponse<String> answer =
        Eventually.value(
            FaultRig.RECOVERED_WITHIN,
            () -> rig.post("/v1/apps/kill/components/echo/invoke?wait=30s", input),
            r -> r.statusCode() == 200,
            "an answer to a large call");
    return CanonicalJson.read(answer.body()).path("executionId").asText();
  }

  @Test
  void shouldStartNothingThatReadsWhatANewerVersionHasWritten() throws Exception {
    // Given
    Path errors = rig.services().errors(Service.PROJECTOR);
    Path note = errors.resolveSibling("written-schemas").resolve("ExecutionEvent.v99");
    Files.createFile(note);
    try {
      rig.services().kill(Service.PROJECTOR);
      rig.services().kill(Service.EXECUTOR);

      // Then
      assertThatThrownBy(() -> rig.services().start(Service.PROJECTOR))
          .isInstanceOf(IOException.class);
      assertThat(errors)
          .content()
          .contains("projector: a newer version of Nexus has written to nexus.executions");
      rig.services().start(Service.EXECUTOR);
      rig.callUntilAnswered("echo");
    } finally {
      Files.delete(note);
    }

    // When it is the newer one that starts
    rig.services().start(Service.PROJECTOR);

    // Then
    Eventually.holds(
        () -> assertThat(rig.get("/v1/executions?limit=1").statusCode()).isEqualTo(200));
  }

  /// Prometheus comes from elsewhere, with any key that is valid.
  @Test
  void shouldTellPrometheusWhatEachDoes() throws Exception {
    // Given work for each but the oracle
    rig.callUntilAnswered("echo");
    rig.callUntilAnswered("ask");
    try (var tools = new ToolCalls(rig.services().url(Service.GATEWAY), rig.key())) {
      awaitMore(tools);
      rig.alsoAccepted(tools.finish());
    }
    String key =
        CanonicalJson.read(rig.post("/v1/keys", "{\"scopes\": [\"app:kill:read\"]}").body())
            .path("key")
            .asText();
    for (Service service : Service.values()) {
      // When, then
      assertThat(metrics(service, Optional.empty()).statusCode()).isEqualTo(401);
      Eventually.holds(
          () -> {
            HttpResponse<String> told = metrics(service, Optional.of(key));
            assertThat(told.statusCode()).isEqualTo(200);
            MetricsIT.assertDocumented(told.body());
            assertThat(told.body().lines().filter(line -> line.startsWith("nexus_service_healthy")))
                .isNotEmpty()
                .allMatch(line -> line.matches(".* 1(\\.0)?"));
            for (Service one : Service.values()) {
              if (one == service) {
                assertThat(told.body()).contains(toldOnlyBy(one));
              } else {
                assertThat(told.body()).doesNotContain(toldOnlyBy(one));
              }
            }
          });
    }
  }

  private static HttpResponse<String> metrics(Service service, Optional<String> key)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(rig.services().url(service) + "/metrics"))
            .timeout(Duration.ofMinutes(2))
            .header("X-Forwarded-For", "203.0.113.7");
    key.ifPresent(known -> request.header("Authorization", "Bearer " + known));
    return rig.send(request);
  }

  private static String[] toldOnlyBy(Service service) {
    return switch (service) {
      case COMMAND_SERVICE ->
          new String[] {
            "nexus_execution_seconds_count{result=\"succeeded\"}",
            "nexus_backlog_records{reader=\"router\"}"
          };
      case PROJECTOR ->
          new String[] {
            "nexus_projection_delay_seconds_count{topic=\"nexus.executions\"}",
            "nexus_stream_listeners"
          };
      case EXECUTOR ->
          new String[] {"nexus_tasks_total{result=\"succeeded\"", "nexus_model_calls_total{"};
      case GATEWAY -> new String[] {"nexus_tool_calls_total{result=\"succeeded\"}"};
      case ORACLE -> new String[] {"nexus_service_healthy{service=\"oracle\"}"};
    };
  }

  private static String doctor(Map<String, String> environment) {
    var printed = new StringWriter();
    var terminal = new Terminal(new PrintWriter(printed), new PrintWriter(printed), environment);
    Verbs.run(terminal, "doctor");
    return printed.toString();
  }

  /// Webhooks come until code that the oracle has proven serves some of them.
  private static void awaitPromotion() throws Exception {
    long until = System.nanoTime() + Callers.PATIENCE.toNanos();
    while (serving().isEmpty()) {
      assertThat(System.nanoTime()).as("code is promoted in time").isLessThan(until);
      rig.deliver();
    }
  }

  private static Optional<RouteSet> serving() {
    return rig.oracle().route(Deliveries.APP_ID, TRIAGE).filter(route -> route.codePermille() > 0);
  }

  /// While it is away, what it had promoted serves on; nobody else writes routes. That evidence and
  /// decisions go on where they were, once, is looked at after every fault.
  private static void killWhatManagesARoute() throws Exception {
    rig.services().kill(Service.ORACLE);
    String code = serving().orElseThrow().candidate().candidateHash();
    Eventually.value(
        FaultRig.RECOVERED_WITHIN, () -> servedBy(rig.deliver()), code::equals, "code serves on");
    assertThat(serving().orElseThrow().candidate().candidateHash()).isEqualTo(code);
    if (named(Service.ORACLE)) {
      new MissingService(rig.services(), Service.ORACLE).awaitNamed();
    }
    rig.services().start(Service.ORACLE);
  }

  /// Hash of the code that an execution was given to; "" for the model.
  private static String servedBy(String execution) {
    JsonNode shown =
        CanonicalJson.read(
            rig.awaitGet(
                    "/v1/executions/" + execution,
                    r -> r.statusCode() == 200 && r.body().contains("StepStarted"))
                .body());
    for (JsonNode fact : shown.path("facts")) {
      if (fact.path("type").asText().equals("StepStarted")) {
        return fact.findPath("candidateHash").asText();
      }
    }
    return "";
  }

  /// Whether doctor is asked about it: in every run of those for which projections and lanes wait,
  /// in a soak of all, as brokers take their time to miss somebody.
  private static boolean named(Service service) {
    return Seeds.SOAK || service == Service.PROJECTOR || service == Service.EXECUTOR;
  }

  private static void kill(Service service) throws Exception {
    if (service == Service.COMMAND_SERVICE) {
      killWhileALineWaits();
    } else {
      rig.services().kill(service);
    }
    whatIsSeenWithout(service);
    if (named(service)) {
      new MissingService(rig.services(), service).awaitNamed();
    }
    rig.pause(Duration.ZERO, Duration.ofSeconds(1));
    rig.services().start(service);
  }

  /// Nobody else gives turns: who waits when it is gone waits until it is back.
  private static void killWhileALineWaits() throws Exception {
    try (var line = new WaitingLine(rig)) {
      line.begin();
      rig.services().kill(Service.COMMAND_SERVICE);
      line.assertWaits();
    }
  }

  /// Other load does not go through the gateway, and nothing else asks anything of the write side
  /// that does not answer itself. The calls come by the one address, unless nobody is there. Who is
  /// killed refuses calls too, and what it had counted in its last second goes with it.
  private static void killAmidToolCalls(Service service) throws Exception {
    Service door = service == Service.GATEWAY ? Service.COMMAND_SERVICE : Service.GATEWAY;
    try (var tools = new ToolCalls(rig.services().url(door), rig.key());
        var audited = new AuditedCalls()) {
      if (service == Service.GATEWAY) {
        audited.callOn(rig.writes(), rig.key(), Door.GATEWAY, rig.services().url(service));
      } else {
        audited.callOn(rig.writes(), rig.key());
      }
      awaitMore(tools);
      audited.awaitIssued();
      kill(service);
      awaitMore(tools);
      audited.awaitIssued();
      rig.alsoAccepted(tools.finish());
      audited.finish();
      audited.assertAudited(rig.clients(), false);
    }
  }

  /// The projector refuses reads before it is killed, and after.
  private static void killAmidRefusals() throws Exception {
    try (var audited = new AuditedCalls()) {
      audited.callOn(rig.writes(), rig.key(), Door.READ_SIDE, rig.reads());
      audited.awaitIssued();
      kill(Service.PROJECTOR);
      audited.awaitIssued();
      audited.finish();
      audited.assertAudited(rig.clients(), false);
    }
  }

  private static void awaitMore(ToolCalls tools) {
    int before = tools.executions().size();
    Eventually.value(
        FaultRig.RECOVERED_WITHIN, tools::executions, e -> e.size() > before + 5, "tool calls");
  }

  private static void whatIsSeenWithout(Service service) throws Exception {
    switch (service) {
      case COMMAND_SERVICE -> {
        // Its connections may not be known to be gone yet.
        assertThatThrownBy(() -> rig.post(INVOKE, "{}")).isInstanceOf(IOException.class);
        assertThat(rig.get("/v1/executions?limit=1").statusCode()).isEqualTo(200);
      }
      case PROJECTOR -> {
        assertThatThrownBy(() -> rig.get("/v1/executions?limit=1")).isInstanceOf(IOException.class);
        assertUnavailable(rig.send(rig.request("/v1/executions?limit=1").GET()), "projector");
        assertThat(rig.send(rig.request("/docs/openapi.json").GET()).body())
            .contains("Calls that the projector answers are missing here", "/mcp/{");
        assertThat(rig.callPatiently("echo").statusCode()).isEqualTo(200);
      }
      case EXECUTOR -> acceptedUntilTooMuchWaits();
      case GATEWAY -> {
        assertUnavailable(rig.post("/mcp/kill", "{}"), "mcp-gateway");
        assertThat(rig.callPatiently("echo").statusCode()).isEqualTo(200);
      }
      case ORACLE -> throw new IllegalStateException("see killWhatManagesARoute");
    }
  }

  /// The one address is there, and says who is not.
  private static void assertUnavailable(HttpResponse<String> answer, String who) {
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("urn:nexus:problem:" + who + "-unavailable");
  }

  /// Nobody is there to say what waits for executors but who writes their tasks.
  private static void acceptedUntilTooMuchWaits() throws Exception {
    assertThat(rig.post(INVOKE, "{}").statusCode()).isEqualTo(202);
    long until = System.nanoTime() + FaultRig.RECOVERED_WITHIN.toNanos();
    try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> refused = new ArrayList<>();
      for (int i = 0; i < ASKERS; i++) {
        refused.add(
            askers.submit(
                () -> {
                  HttpResponse<String> answer = rig.post(INVOKE, "{}");
                  while (!isForWaitingTasks(answer) && System.nanoTime() < until) {
                    if (answer.statusCode() != 202) {
                      rig.pause(Duration.ofMillis(100), Duration.ofMillis(100));
                    }
                    answer = rig.post(INVOKE, "{}");
                  }
                  return answer;
                }));
      }
      for (Future<HttpResponse<String>> one : refused) {
        assertThat(one.get().statusCode()).isEqualTo(429);
        assertThat(one.get().body())
            .contains("lane-code is", "refused above " + ServicesApart.MOST_WAITING);
      }
    }
  }

  /// Other parts may be behind for a moment too, as there is so much to do.
  private static boolean isForWaitingTasks(HttpResponse<String> answer) {
    return answer.statusCode() == 429 && answer.body().contains("lane-code is");
  }

  /// As `docs/failure-modes.md` calls it.
  private static String fault(Service service) {
    return switch (service) {
      case COMMAND_SERVICE -> "command-service killed";
      case PROJECTOR -> "projector killed";
      case EXECUTOR -> "executor killed";
      case GATEWAY -> "gateway killed";
      case ORACLE -> "oracle killed";
    };
  }
}
