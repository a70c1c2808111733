package dev.nexus.executor.tool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.nexus.event.Envelope;
import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.code.Tools.Reply;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.security.ExecutionPasses;
import dev.nexus.platform.security.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What leaves for a gateway, of which there is a scripted one here.
class GatewayToolsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final byte[] CALL =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"arguments\":{\"n\":1.50}}}"
          .getBytes(UTF_8);

  /// What the scripted gateway was sent.
  private record Received(String path, String authorization, String traceparent, JsonNode body) {}

  private final List<Received> received = new ArrayList<>();
  private final ExecutionPasses passes =
      new ExecutionPasses(new SigningKey(new byte[32]), Clock.systemUTC());
  private HttpServer server;
  private GatewayTools tools;

  @BeforeEach
  void begin() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/mcp/shop", this::answer);
    server.start();
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    tools = new GatewayTools(() -> Optional.of(address), passes, Clock.systemUTC());
  }

  @AfterEach
  void end() {
    tools.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    received.add(
        new Received(
            exchange.getRequestURI().getPath(),
            exchange.getRequestHeaders().getFirst("Authorization"),
            String.valueOf(exchange.getRequestHeaders().getFirst("traceparent")),
            CanonicalJson.read(new String(exchange.getRequestBody().readAllBytes(), UTF_8))));
    byte[] body = "{\"result\":{}}".getBytes(UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static CodeCall call(AssignedTask task) {
    return new CodeCall(
        new Script(TenantId.DEFAULT, Language.PYTHON, ""),
        Home.IN_PROCESS,
        new Json("{}"),
        CodeLimits.DEFAULT,
        Set.of(Capability.TOOLS),
        task);
  }

  private static AssignedTask by(String actor) {
    AssignedTask task = Samples.task("work", "{}");
    Envelope cause = task.envelope();
    return new AssignedTask(
        new Envelope(
            cause.eventId(),
            cause.occurredAt(),
            cause.tenantId(),
            cause.appId(),
            cause.executionId(),
            0,
            cause.causationId(),
            cause.correlationId(),
            actor,
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Position.NONE),
        task.body());
  }

  private String key(int index) {
    return received
        .get(index)
        .body()
        .path("params")
        .path("_meta")
        .path("dev.nexus/idempotencyKey")
        .asText();
  }

  @Test
  void shouldSendAMessageWithAPassOfItsExecution() throws Exception {
    // Given
    AssignedTask task = by("key:abc");

    // When
    Reply reply = tools.send(call(task), new Asked(), CALL, PATIENCE);

    // Then
    assertThat(reply.status()).isEqualTo(200);
    assertThat(new String(reply.body(), UTF_8)).isEqualTo("{\"result\":{}}");
    Received sent = received.getFirst();
    assertThat(sent.path()).isEqualTo("/mcp/shop");
    assertThat(sent.traceparent()).startsWith("00-0af7651916cd43dd8448eb211c80319c-");
    assertThat(sent.body().path("params").path("arguments").path("n").decimalValue())
        .isEqualByComparingTo("1.5");
    String pass = sent.authorization().substring("Bearer nxe_".length());
    assertThat(new String(java.util.Base64.getUrlDecoder().decode(pass.split("\\.", 2)[0]), UTF_8))
        .startsWith("default|shop|" + task.execution() + "|1|");
  }

  /// What it names its calls by counts within the service, and its pass is made for each message.
  @Test
  void shouldSendAMessageOfAServiceWithAPassOfItsOwn() throws Exception {
    // Given
    var service = new Tools.Service(TenantId.DEFAULT, "shop", "agent", Set.of(Capability.TOOLS));
    byte[] keyed =
        "{\"method\":\"tools/call\",\"params\":{\"_meta\":{\"traceparent\":\"x\",\"dev.nexus/idempotencyKey\":\"mine\"}}}"
            .getBytes(UTF_8);

    // When
    Reply reply = tools.send(service, keyed, PATIENCE);
    tools.send(
        new Tools.Service(TenantId.DEFAULT, "shop", "other", Set.of(Capability.TOOLS)),
        keyed,
        PATIENCE);

    // Then
    assertThat(reply.status()).isEqualTo(200);
    Received sent = received.getFirst();
    assertThat(sent.path()).isEqualTo("/mcp/shop");
    assertThat(sent.body().toString()).doesNotContain("traceparent");
    assertThat(key(0)).isNotEqualTo("mine").isNotEqualTo(key(1)).hasSize(36);
    String pass = sent.authorization().substring("Bearer nxp_".length());
    assertThat(new String(java.util.Base64.getUrlDecoder().decode(pass.split("\\.", 2)[0]), UTF_8))
        .startsWith("default|shop|agent|");
    assertThat(tools.send(service, "hello".getBytes(UTF_8), PATIENCE).status()).isEqualTo(400);
  }

  /// So that a task that is done once more does not call its tools twice.
  @Test
  void shouldNameACallTheSameWhenItsTaskIsDoneOnceMore() throws Exception {
    // Given a task and its next attempt
    AssignedTask task = by("key:abc");
    TaskAssigned body = task.body();
    AssignedTask next =
        new AssignedTask(
            task.envelope(),
            new TaskAssigned(
                body.task().next(),
                body.component(),
                body.definitionDigest(),
                body.candidateHash(),
                body.source(),
                body.input(),
                body.limits()));

    byte[] another = new String(CALL, UTF_8).replace("1.50", "2").getBytes(UTF_8);
    var first = new Asked();
    var again = new Asked();

    // When it asks for the same in another order
    tools.send(call(task), first, CALL, PATIENCE);
    tools.send(call(task), first, another, PATIENCE);
    tools.send(call(task), first, CALL, PATIENCE);
    tools.send(call(next), again, another, PATIENCE);
    tools.send(call(next), again, CALL, PATIENCE);
    tools.send(call(next), again, CALL, PATIENCE);
    tools.send(call(by("key:abc")), new Asked(), CALL, PATIENCE);

    // Then
    assertThat(List.of(key(4), key(3), key(5))).isEqualTo(List.of(key(0), key(1), key(2)));
    assertThat(Set.of(key(0), key(1), key(2), key(6))).hasSize(4).doesNotContain("");
  }

  /// Else code could meet the calls of others, and write into their traces.
  @Test
  void shouldTakeANameOfTheCodeWithinItsExecution() throws Exception {
    tools.send(
        call(by("key:abc")),
        new Asked(),
        "{\"method\":\"tools/call\",\"params\":{\"_meta\":{\"traceparent\":\"x\",\"dev.nexus/idempotencyKey\":\"mine\"}}}"
            .getBytes(UTF_8),
        PATIENCE);
    tools.send(
        call(by("key:abc")), new Asked(), "{\"method\":\"tools/list\"}".getBytes(UTF_8), PATIENCE);

    assertThat(key(0)).isNotEqualTo("mine").hasSize(36);
    assertThat(received.get(0).body().toString()).doesNotContain("traceparent");
    assertThat(received.get(1).body().toString()).isEqualTo("{\"method\":\"tools/list\"}");
  }

  /// Else code that calls itself would never end.
  @Test
  void shouldCountHowDeepCodeCallsCode() throws Exception {
    // When
    Reply deep = tools.send(call(by("execution:0190/7")), new Asked(), CALL, PATIENCE);
    Reply deepest = tools.send(call(by("execution:0190/8")), new Asked(), CALL, PATIENCE);

    // Then
    assertThat(deep.status()).isEqualTo(200);
    assertThat(deepest.status()).isEqualTo(403);
    assertThat(new String(deepest.body(), UTF_8)).contains("called by code 8 times over");
    assertThat(received).hasSize(1);
  }

  @Test
  void shouldRefuseWhatIsNoMessage() throws Exception {
    Reply reply = tools.send(call(by("key:abc")), new Asked(), "hello".getBytes(UTF_8), PATIENCE);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(received).isEmpty();
  }

  @Test
  void shouldSayThatNobodyAnswers() throws Exception {
    // Given
    server.stop(0);
    var nowhere = new GatewayTools(Optional::empty, passes, Clock.systemUTC());

    // Then
    try (nowhere) {
      assertThat(tools.send(call(by("key:abc")), new Asked(), CALL, PATIENCE).status())
          .isEqualTo(503);
      assertThat(
              new String(
                  nowhere.send(call(by("key:abc")), new Asked(), CALL, PATIENCE).body(), UTF_8))
          .contains("NEXUS_GATEWAY_URL");
    }
  }

  @Test
  void shouldNotWaitForEver() throws Exception {
    // Given a gateway that hangs
    var end = new CountDownLatch(1);
    server.removeContext("/mcp/shop");
    server.createContext(
        "/mcp/shop",
        exchange -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    // When
    Reply reply = tools.send(call(by("key:abc")), new Asked(), CALL, Duration.ofMillis(50));

    // Then
    end.countDown();
    assertThat(reply.status()).isEqualTo(504);
  }
}
