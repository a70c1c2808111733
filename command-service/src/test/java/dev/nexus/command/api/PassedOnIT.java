package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.nexus.event.Event;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What the front door has no route for goes to the service that has; a plain HTTP server stands
/// there that says what it was asked. `ServicesApartIT` does it with the real ones.
class PassedOnIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static final String ECHO = "/v1/apps/orders/components/echo/invoke";

  private static final Queue<Asked> ASKED = new ConcurrentLinkedQueue<>();
  private static final CountDownLatch FIRST_HEARD = new CountDownLatch(1);

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static HttpServer far;
  private static FrontDoor door;
  private static String key;

  /// Its projector is away, and it has no gateway.
  private static FrontDoor behindProxy;

  private static String proxied;
  private static Socket nobody;

  /// What came to the other service.
  private record Asked(String method, String uri, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, List.of("")).getFirst();
    }
  }

  @BeforeAll
  static void open() throws IOException {
    far = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    far.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    far.createContext("/", PassedOnIT::answer);
    far.createContext("/v1/stream", PassedOnIT::stream);
    far.start();
    String address = "http://127.0.0.1:" + far.getAddress().getPort();
    door =
        new FrontDoor(
            BROKER, data, Map.of("NEXUS_PROJECTOR_URL", address, "NEXUS_GATEWAY_URL", address));
    key = door.key("operator");
    assertThat(
            door.apply(key, "orders", Map.of("app_definition.yaml", FrontDoor.DEFINITION)).status())
        .isEqualTo(200);
    // Bound and not listening, so that nobody else gets the port and whoever calls is refused.
    nobody = new Socket();
    nobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    behindProxy =
        new FrontDoor(
            BROKER,
            data.resolve("behind-proxy"),
            Map.of(
                "NEXUS_PROJECTOR_URL",
                "http://127.0.0.1:" + nobody.getLocalPort(),
                "NEXUS_BEHIND_PROXY",
                "true"));
    proxied = behindProxy.key("operator");
  }

  @AfterAll
  static void close() throws IOException {
    door.close();
    behindProxy.close();
    nobody.close();
    far.stop(0);
  }

  @BeforeEach
  void forget() {
    ASKED.clear();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    ASKED.add(
        new Asked(
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            exchange.getRequestHeaders(),
            body));
    byte[] answer = "{\"from\":\"afar\"}".getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.getResponseHeaders().add("X-Nexus-Other", "kept");
    exchange.sendResponseHeaders(418, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  /// The second line comes only when the first was heard at the other end.
  private static void stream(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (var body = exchange.getResponseBody()) {
      body.write("data: first\n\n".getBytes(StandardCharsets.UTF_8));
      body.flush();
      boolean heard = FIRST_HEARD.await(2, TimeUnit.MINUTES);
      body.write(
          ("data: " + (heard ? "second" : "late") + "\n\n").getBytes(StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What is passed on is in the document of the service that answers it, not in the door's own.
  private static HttpResponse<String> ask(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void shouldPassReadsOnAsTheyWereAsked() throws Exception {
    // When
    var answer = ask(door.request(key, "/v1/executions/a%2Fb?after=x%20y&limit=1&q=%C3%A4").GET());

    // Then
    assertThat(answer.statusCode()).isEqualTo(418);
    Asked asked = ASKED.remove();
    assertThat(asked.method()).isEqualTo("GET");
    assertThat(asked.uri()).isEqualTo("/v1/executions/a%2Fb?after=x%20y&limit=1&q=%C3%A4");
    assertThat(asked.header("Authorization")).isEqualTo("Bearer " + key);
    assertThat(asked.header("Host")).isEqualTo(answer.uri().getAuthority());
    assertThat(asked.headers().get("X-forwarded-for")).containsExactly("127.0.0.1");
    assertThat(answer.body()).isEqualTo("{\"from\":\"afar\"}");
    assertThat(answer.headers().firstValue("X-Nexus-Other")).contains("kept");
  }

  @Test
  void shouldPassBodiesOn() throws Exception {
    // Given
    String large = "{\"text\":\"" + "x".repeat(40_000) + "\"}";

    // When
    var answer =
        ask(
            door.request(
                    key,
                    "/mcp/orders",
                    "Origin",
                    "http://localhost:3000",
                    "Content-Type",
                    "application/json")
                .POST(BodyPublishers.ofString(large)));

    // Then
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(418);
    Asked asked = ASKED.remove();
    assertThat(asked.method()).isEqualTo("POST");
    assertThat(asked.uri()).isEqualTo("/mcp/orders");
    assertThat(asked.body()).isEqualTo(large);
    assertThat(asked.header("Origin")).isEqualTo("http://localhost:3000");
  }

  @Test
  void shouldRefuseABodyThatIsTooLargeItself() throws Exception {
    // When
    var answer =
        ask(
            door.request(key, "/mcp", "Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"text\":\"" + "x".repeat(70_000) + "\"}")));

    // Then
    assertThat(answer.statusCode()).isEqualTo(413);
  }

  @Test
  void shouldPassAStreamOnAsItComes() throws Exception {
    // When
    var response =
        HTTP.send(door.request(key, "/v1/stream").GET().build(), BodyHandlers.ofInputStream());
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String first = lines.readLine();
      FIRST_HEARD.countDown();
      lines.readLine();
      String second = lines.readLine();

      // Then
      assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
      assertThat(first).isEqualTo("data: first");
      assertThat(second).isEqualTo("data: second");
    }
  }

  @Test
  void shouldAnswerItselfWhatItHasARouteFor() {
    // When
    var applications = door.get(key, "/v1/apps");
    var execution = door.post(key, ECHO, "{\"text\":\"hello\"}");

    // Then
    assertThat(applications.status()).isEqualTo(200);
    assertThat(execution.status()).isEqualTo(200);
    assertThat(ASKED).isEmpty();
  }

  @Test
  void shouldAskNobodyForWhomItDoesNotKnow() throws Exception {
    // When
    var answer = ask(door.request("nobody", "/v1/executions").GET());

    // Then
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(ASKED).isEmpty();
  }

  @Test
  void shouldSayWhichServiceIsAway() throws Exception {
    // When
    var read = ask(behindProxy.request(proxied, "/v1/executions").GET());
    var tool = ask(behindProxy.request(proxied, "/mcp").POST(BodyPublishers.ofString("{}")));

    // Then
    assertThat(read.statusCode()).isEqualTo(503);
    assertThat(read.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(read.body()).contains("urn:nexus:problem:projector-unavailable");
    assertThat(read.headers().firstValue("Retry-After")).contains("1");
    assertThat(tool.statusCode()).isEqualTo(404);
  }

  @Test
  void shouldTakeTheCallersAddressFromItsProxy() {
    // When
    var answer =
        behindProxy.send(
            behindProxy
                .request("", "/v1/apps", "X-Forwarded-For", "198.51.100.1, 203.0.113.7")
                .GET()
                .build());

    // Then
    assertThat(answer.status()).isEqualTo(401);
    Eventually.holds(
        () ->
            assertThat(BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class))
                .extracting(Event::body)
                .anyMatch(
                    event ->
                        event instanceof AccessDenied denied
                            && denied.remoteAddress().equals("203.0.113.7")));
  }

  @Test
  void shouldTellItsHealthToThisMachineOnly() throws Exception {
    // When
    var here = behindProxy.send(behindProxy.request("", "/health").GET().build());
    var elsewhere = ask(behindProxy.request("", "/health", "X-Forwarded-For", "203.0.113.7").GET());

    // Then
    assertThat(here.status()).isEqualTo(200);
    assertThat(elsewhere.statusCode()).isEqualTo(401);
  }
}
