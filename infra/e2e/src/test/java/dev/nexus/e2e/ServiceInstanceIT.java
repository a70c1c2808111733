package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Event;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.log.LogEvent;
import dev.nexus.event.log.LogEvent.LineLogged;
import dev.nexus.event.sandbox.SandboxEvent;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.sandbox.SandboxEvent.ServiceEnded;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Services of an application, from `apply` to the answer.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ServiceInstanceIT {
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_DOCKER_HOST", ServiceImage.HOST, "NEXUS_RUNNER_IMAGES", ServiceImage.RUNNERS));

  /// Answers with what it was asked.
  private static final String WEB =
      """
      import http.server, json
      class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
          body = self.rfile.read(int(self.headers.get('Content-Length', 0))).decode()
          said = json.dumps({'method': self.command, 'path': self.path, 'body': body,
                             'headers': {k.lower(): v for k, v in self.headers.items()}}).encode()
          self.send_response(200)
          self.send_header('Content-Type', 'application/json')
          self.send_header('Set-Cookie', 'key=stolen')
          self.end_headers()
          self.wfile.write(said)
        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer
        def log_message(self, *ignored): pass
      print('a word of the service', flush=True)
      http.server.ThreadingHTTPServer(('127.0.0.1', 8000), Handler).serve_forever()
      """;

  private static final String MCP =
      """
      import json, sys
      for line in sys.stdin:
        message = json.loads(line)
        if 'id' in message:
          answer = {'jsonrpc': '2.0', 'id': message['id'], 'result': {'of': message['method']}}
          print(json.dumps(answer), flush=True)
      """;

  private static final String AGENT =
      """
      import json, os, socket, time
      path = '/' + os.environ['MCP_ENDPOINT'].split('/', 3)[3]
      call = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call',
                         'params': {'name': 'e', 'arguments': {'word': 'geese'}}})
      with socket.socket(socket.AF_UNIX) as s:
        s.connect('/run/nexus/mcp.sock')
        s.sendall(f'POST {path} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {len(call)}\\r\\n\\r\\n{call}'.encode())
        said = s.recv(65536).decode()
      print(said.split(' ')[1], said.split('\\r\\n')[-1], flush=True)
      while True: time.sleep(1)
      """;

  @BeforeAll
  static void images() throws IOException, InterruptedException {
    ServiceImage.build();
  }

  /// Leaves no container to the next test.
  @AfterEach
  void remove() {
    apply("");
    Eventually.holds(
        () ->
            assertThat(platform.get("/metrics").body())
                .contains("nexus_sandbox_services{state=\"HEALTHY\"} 0.0")
                .contains("nexus_sandbox_services{state=\"ENDING\"} 0.0"));
  }

  private static void apply(String services) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            "appId: desk\n"
                + "components: [{componentId: e, handlerType: BUILTIN, taskDetails: {function: echo}}]\n"
                + services);
    platform.apply("desk", body);
  }

  private static String service(String name, String program, String more) {
    return "  - serviceName: %s\n    dockerImage: %s\n    resourceLimits: {memoryLimit: 64Mi}\n%s    command:\n      - python3\n      - -c\n      - |\n%s"
        .formatted(name, ServiceImage.NAME, more, program.indent(8));
  }

  private static JsonNode services() {
    return PlatformExtension.json(platform.get("/v1/apps/desk/services"), 200).path("services");
  }

  private static void awaitHealthy(int count) {
    Eventually.holds(
        () -> {
          assertThat(services()).hasSize(count);
          assertThat(services())
              .allSatisfy(
                  one ->
                      assertThat(one.path("state").asText())
                          .as(one.toString())
                          .isEqualTo("HEALTHY"));
        });
  }

  private static HttpResponse<String> ask(String method, String path, String key, String body) {
    return platform.send(
        method,
        "/v1/apps/desk/services/" + path,
        key,
        body,
        List.of("Cookie", "session=1", "X-Own", "kept"));
  }

  @Test
  void shouldPassOnWhatAServiceIsAskedAndNothingOfTheKey() {
    // Given
    apply("serviceInstances:\n" + service("web", WEB, "    port: 8000\n    healthPath: /health\n"));
    awaitHealthy(1);
    String key = platform.key("app:desk:invoke");

    // When
    HttpResponse<String> answer = ask("PUT", "web/items/a%2Fb?q=1&r=%20", key, "\"x\"");
    JsonNode said = PlatformExtension.json(answer, 200);

    // Then
    assertThat(said.path("method").asText()).isEqualTo("PUT");
    assertThat(said.path("path").asText()).isEqualTo("/items/a%2Fb?q=1&r=%20");
    assertThat(said.path("body").asText()).isEqualTo("\"x\"");
    assertThat(said.path("headers").path("x-own").asText()).isEqualTo("kept");
    assertThat(said.path("headers").path("x-forwarded-prefix").asText())
        .isEqualTo("/v1/apps/desk/services/web");
    assertThat(said.toString()).doesNotContain(key, "session=1");
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(answer.headers().firstValue("Content-Security-Policy")).contains("sandbox");
    for (String method : List.of("GET", "POST", "PATCH", "DELETE")) {
      assertThat(PlatformExtension.json(ask(method, "web/x", key, ""), 200).path("method").asText())
          .isEqualTo(method);
    }
    assertThat(PlatformExtension.json(ask("GET", "web", key, ""), 200).path("path").asText())
        .isEqualTo("/");
  }

  private static final String STREAM =
      """
      import http.server, time
      class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def do_GET(self):
          self.send_response(200)
          self.send_header('Content-Type', 'text/event-stream')
          self.send_header('Transfer-Encoding', 'chunked')
          self.end_headers()
          try:
            for i in range(100000):
              self.wfile.write(b'%x\\r\\ndata: %05d\\n\\n\\r\\n' % (13, i))
              self.wfile.flush()
              time.sleep(0.05)
          except OSError:
            print('the caller has gone', flush=True)
        def log_message(self, *ignored): pass
      http.server.ThreadingHTTPServer(('127.0.0.1', 8000), Handler).serve_forever()
      """;

  private static HttpResponse<InputStream> stream(HttpClient client, String key) throws Exception {
    return client.send(
        HttpRequest.newBuilder(
                URI.create(platform.platform().addresses().http() + "/v1/apps/desk/services/web/s"))
            .header("Authorization", "Bearer " + key)
            .build(),
        BodyHandlers.ofInputStream());
  }

  @Test
  void shouldPassOnAStreamAsItComesUntilEitherSideEndsOrTheKeyIsRevoked() throws Exception {
    // Given
    apply("serviceInstances:\n" + service("web", STREAM, "    port: 8000\n"));
    awaitHealthy(1);
    JsonNode issued =
        PlatformExtension.json(
            platform.send(
                "POST",
                "/v1/keys",
                platform.operatorKey(),
                "{\"description\":\"streams\",\"scopes\":[\"app:desk:invoke\"]}",
                List.of()),
            201);

    try (HttpClient client = HttpClient.newHttpClient()) {
      // When
      HttpResponse<InputStream> answer = stream(client, issued.path("key").asText());

      // Then it comes though it never ends, as it was written
      assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
      assertThat(answer.headers().firstValue("Content-Security-Policy")).contains("sandbox");
      try (InputStream body = answer.body()) {
        assertThat(new String(body.readNBytes(26), StandardCharsets.UTF_8))
            .isEqualTo("data: 00000\n\ndata: 00001\n\n");

        // When
        assertThat(
                platform
                    .send(
                        "DELETE",
                        "/v1/keys/" + issued.path("keyId").asText(),
                        platform.operatorKey(),
                        "",
                        List.of())
                    .statusCode())
            .isEqualTo(204);

        // Then
        assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
      }
      Eventually.holds(() -> assertThat(lines()).contains("the caller has gone"));

      // When a caller goes
      long before = lines().stream().filter("the caller has gone"::equals).count();
      try (InputStream body = stream(client, platform.operatorKey()).body()) {
        body.readNBytes(13);
      }

      // Then the service notices
      Eventually.holds(
          () ->
              assertThat(lines().stream().filter("the caller has gone"::equals).count())
                  .isGreaterThan(before));
    }
  }

  private static List<String> lines() {
    return read(Topic.LOGS, LogEvent.class).stream()
        .map(Event::body)
        .filter(LineLogged.class::isInstance)
        .map(line -> ((LineLogged) line).message())
        .toList();
  }

  /// What was called is an execution like any other, which says who called it.
  @Test
  void shouldLetAServiceCallToolsOfItsApplicationAsItself() {
    // When
    apply("serviceInstances:\n" + service("agent", AGENT, "    capabilities: [tools]\n"));

    // Then
    Eventually.holds(
        () -> assertThat(lines()).anyMatch(line -> line.contains("geese") && line.contains("200")));
    Eventually.holds(
        () -> {
          JsonNode all =
              PlatformExtension.json(platform.get("/v1/executions?app=desk&component=e"), 200);
          String id = all.findPath("executionId").asText();
          assertThat(id).isNotEmpty();
          assertThat(platform.get("/v1/executions/" + id).body()).contains("service:desk/agent");
        });
  }

  @Test
  void shouldAskForAKeyThatMayInvokeAndAuditTheOthers() {
    // Given
    apply("serviceInstances:\n" + service("web", WEB, "    port: 8000\n"));
    awaitHealthy(1);
    String reader = platform.key("app:desk:read");
    String stranger = platform.key("app:other:invoke");

    // When, Then
    assertThat(ask("GET", "web/x", "", "").statusCode()).isEqualTo(401);
    assertThat(ask("GET", "web/x", reader, "").statusCode()).isEqualTo(403);
    assertThat(ask("GET", "web/x", stranger, "").statusCode()).isEqualTo(403);
    assertThat(platform.send("GET", "/v1/apps/desk/services", stranger, "", List.of()).statusCode())
        .isEqualTo(403);
    assertThat(ask("GET", "wep/x", platform.operatorKey(), "").body())
        .contains("unknown-service", "web");
    Eventually.holds(
        () ->
            assertThat(read(Topic.AUDIT_INTENTS, AuditEvent.class))
                .anyMatch(event -> event.body().toString().contains("app:desk")));
  }

  @Test
  void shouldSpeakWithAProgramByItsStandardInputAndOutput() {
    // Given
    apply("serviceInstances:\n" + service("mcp", MCP, "    stdio: true\n"));
    awaitHealthy(1);
    String key = platform.operatorKey();

    // When, Then
    JsonNode answer =
        PlatformExtension.json(
            ask("POST", "mcp", key, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/list\"}"),
            200);
    assertThat(answer.path("id").asText()).isEqualTo("a");
    assertThat(answer.at("/result/of").asText()).isEqualTo("tools/list");
    assertThat(
            ask("POST", "mcp", key, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}")
                .statusCode())
        .isEqualTo(202);
    assertThat(ask("POST", "mcp", key, "[1").statusCode()).isEqualTo(400);
  }

  @Test
  void shouldTellWhatBecomesOfServicesAndWhatTheyPrint() {
    // When one is defined, changed and removed
    String web = "serviceInstances:\n" + service("web", WEB, "    port: 8000\n");
    apply(web);
    awaitHealthy(1);
    apply(web + "    environment: {A: b}\n");
    Eventually.holds(() -> assertThat(ends()).contains(EndReason.REPLACED));
    awaitHealthy(1);
    apply("");

    // Then
    Eventually.holds(() -> assertThat(ends()).contains(EndReason.REMOVED));
    assertThat(read(Topic.SANDBOXES, SandboxEvent.class))
        .extracting(event -> event.body().getClass().getSimpleName())
        .contains("ServiceStarted", "ServiceHealthy", "ServiceEnded");
    Eventually.holds(
        () ->
            assertThat(read(Topic.LOGS, LogEvent.class))
                .anySatisfy(
                    event -> {
                      assertThat(event.envelope().appId()).isEqualTo("desk");
                      assertThat(event.body())
                          .isInstanceOfSatisfying(
                              LineLogged.class,
                              line -> {
                                assertThat(line.message()).isEqualTo("a word of the service");
                                assertThat(line.logger()).isEqualTo("service.web");
                              });
                    }));
    assertThat(services()).isEmpty();
    assertThat(ask("GET", "web", platform.operatorKey(), "").statusCode()).isEqualTo(404);
  }

  private static List<EndReason> ends() {
    return read(Topic.SANDBOXES, SandboxEvent.class).stream()
        .map(Event::body)
        .filter(ServiceEnded.class::isInstance)
        .map(body -> ((ServiceEnded) body).reason())
        .toList();
  }

  private static <E> List<Event<E>> read(Topic topic, Class<E> events) {
    KafkaClients clients = platform.platform().context().getBean(KafkaClients.class);
    return new TopicReader(clients).read(topic, EventCodec.of(topic, events));
  }
}
