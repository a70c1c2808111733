package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.security.ApiKey;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.AuditTrail;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.Scope;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the front door refuses, over real HTTP.
class RefusalsIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static final String ECHO = "/v1/apps/orders/components/echo/invoke";

  private static FrontDoor door;
  private static String operator;

  @BeforeAll
  static void open() {
    door = new FrontDoor(BROKER, data);
    operator = door.key("operator");
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", FrontDoor.DEFINITION)))
        .satisfies(a -> assertThat(a.status()).describedAs(a.toString()).isEqualTo(200));
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldRefuseACallWithoutAKeyAndAuditIt() {
    // When
    var answer = door.post("", ECHO, "{}");

    // Then
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    assertThat(answer.response().headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(answer.body().at("/detail").asText()).contains("Authorization: Bearer");
    assertThat(denials())
        .anyMatch(d -> d.reason().equals("no-key") && d.action().equals("POST " + ECHO));
  }

  @Test
  void shouldRefuseAKeyNobodyIssuedAndAuditIt() {
    // Given
    ApiKey other = ApiKey.generate(new SecureRandom());
    String miscopied = operator.substring(0, operator.length() - 4) + "0000";

    // When
    var unknown = door.get(other.reveal(), "/v1/apps");
    var nonsense = door.get("nonsense", "/v1/apps");
    var wrong = door.get(miscopied, "/v1/apps");

    // Then
    assertThat(List.of(unknown.status(), nonsense.status(), wrong.status())).containsOnly(401);
    assertThat(unknown.body().at("/detail").asText()).contains("not known here");
    assertThat(denialsOf("key:" + other.keyId()))
        .singleElement()
        .satisfies(
            denied -> {
              assertThat(denied.reason()).isEqualTo("unknown-key");
              assertThat(denied.action()).isEqualTo("GET /v1/apps");
            });
    // What is no whole key names nobody, and equal refusals are counted.
    Eventually.holds(() -> assertThat(unknownAtApps()).isEqualTo(2));
    assertThat(door.send(door.request("", "/v1/apps", "X-API-Key", operator).build()).status())
        .isEqualTo(200);
  }

  @Test
  void shouldRefuseARevokedKeyAndAuditIt() {
    // Given
    String key = door.key("app:*:read");
    String keyId = key.split("_")[2];
    assertThat(door.delete(operator, "/v1/keys/" + keyId).status()).isEqualTo(204);

    // When
    var answer = door.get(key, "/v1/apps");

    // Then
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body().at("/detail").asText()).contains("the key was revoked");
    assertThat(denialsOf("key:" + keyId))
        .extracting(AccessDenied::reason)
        .containsExactly("revoked");
  }

  @Test
  void shouldRefuseAnExpiredKeyAndAuditIt() {
    // Given: a key for a millisecond, which has passed before it is known here
    var issued =
        door.bean(ApiKeys.class)
            .issue(
                TenantId.DEFAULT,
                "service:test",
                "short",
                List.of(Scope.parse("operator")),
                Duration.ofMillis(1));
    String keyId = issued.key().keyId();
    assertThat(door.bean(KeyRing.class).await(keyId, true, Duration.ofMinutes(1))).isTrue();

    // When
    var answer =
        Eventually.value(
            () -> door.get(issued.key().reveal(), "/v1/apps"), a -> a.status() == 401, "refusal");

    // Then
    assertThat(answer.body().at("/detail").asText()).contains("the key has expired");
    assertThat(denialsOf("key:" + keyId))
        .extracting(AccessDenied::reason)
        .containsExactly("expired");
  }

  @Test
  void shouldRefuseEveryPathThatIsNotOpenByName() {
    for (String path : List.of("/", "/v1", "/nothing", "/v1/../v1/keys", "/mcp", "/metrics2")) {
      assertThat(door.get("", path).status()).describedAs(path).isEqualTo(401);
    }
  }

  @Test
  void shouldRefuseWhatTheScopesOfAKeyDoNotAllowAndAuditIt() {
    // Given
    String reader = door.key("app:orders:read");

    // When
    var answer = door.post(reader, ECHO, "{\"text\": \"x\"}");

    // Then
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body().at("/detail").asText()).contains("app:orders:invoke");
    assertThat(denials())
        .anyMatch(d -> d.reason().equals("scope") && d.resource().equals("app:orders"));
    assertThat(door.get(reader, "/v1/apps/orders").status()).isEqualTo(200);
    assertThat(door.get(reader, "/v1/keys").status()).isEqualTo(403);
    assertThat(door.post(reader, "/v1/apps/orders/apply", "{}").status()).isEqualTo(403);
  }

  @Test
  void shouldNameTheNearestApplicationAndComponent() {
    // When
    var application = door.post(operator, "/v1/apps/order/components/echo/invoke", "{}");
    var component = door.post(operator, "/v1/apps/orders/components/ehco/invoke", "{}");

    // Then
    assertThat(application.status()).isEqualTo(404);
    assertThat(application.body().at("/nearest/0").asText()).isEqualTo("orders");
    assertThat(component.status()).isEqualTo(404);
    assertThat(component.body().at("/nearest/0").asText()).isEqualTo("echo");
    assertThat(component.body().at("/type").asText())
        .isEqualTo("urn:nexus:problem:unknown-component");
  }

  @Test
  void shouldPointAtWhatTheSchemaRefuses() {
    // When
    var answer = door.post(operator, ECHO, "{\"text\": 5, \"x\": true}");

    // Then
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().at("/errors"))
        .anySatisfy(
            error -> {
              assertThat(error.at("/pointer").asText()).isEqualTo("/text");
              assertThat(error.at("/expected").asText()).isEqualTo("string");
              assertThat(error.at("/found").asText()).isEqualTo("5");
            })
        .anySatisfy(error -> assertThat(error.at("/expected").asText()).isEqualTo("no property x"));
  }

  @Test
  void shouldSayWhereJsonIsBroken() {
    var answer = door.post(operator, ECHO, "{\"text\": }");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().at("/detail").asText())
        .isEqualTo("the body: JSON expected, found '}' at line 1 column 10");
    assertThat(door.post(operator, ECHO, "").status()).isEqualTo(400);
  }

  @Test
  void shouldRefuseABodyThatIsTooLarge() {
    var answer = door.post(operator, ECHO, "{\"text\": \"" + "x".repeat(70_000) + "\"}");

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    assertThat(answer.body().at("/detail").asText()).contains("NEXUS_MAX_BODY_BYTES");
  }

  @Test
  void shouldAnswerUnknownPathsMethodsAndTypesAsProblems() {
    // When
    var path = door.get(operator, "/v1/nothing");
    var method = door.delete(operator, "/v1/apps");
    var type =
        door.send(
            door.request(operator, ECHO)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build());

    // Then
    assertThat(List.of(path.status(), method.status(), type.status()))
        .containsExactly(404, 405, 415);
    for (var answer : List.of(path, method, type)) {
      assertThat(answer.contentType()).startsWith("application/problem+json");
      assertThat(answer.body().at("/status").asInt()).isEqualTo(answer.status());
      assertThat(answer.body().toString()).doesNotContain("Exception").doesNotContain("\tat ");
    }
    assertThat(method.body().at("/detail").asText())
        .startsWith("the method DELETE is not taken here: expected ")
        .contains("GET");
    assertThat(type.body().at("/detail").asText())
        .isEqualTo("send Content-Type: application/json; found text/plain");
  }

  @Test
  void shouldRefuseParametersItCannotRead() {
    assertThat(
            door.post(operator, ECHO + "?wait=soon", "{\"text\": \"x\"}")
                .body()
                .at("/errors/0/expected")
                .asText())
        .contains("a duration such as");
    assertThat(
            door.post(operator, ECHO, "{\"text\": \"x\"}", "Idempotency-Key", "x".repeat(300))
                .status())
        .isEqualTo(400);
    assertThat(door.post(operator, ECHO + "?after=made-up", "{\"text\": \"x\"}").status())
        .isEqualTo(400);
    assertThat(door.post(operator, "/v1/executions/17/cancel", "").status()).isEqualTo(404);
  }

  /// One that is misspelt would be passed over, and something else be done than was asked for.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /v1/apps/orders/components/echo/invoke?wiat=0s | wait, timeout, after | wait",
        "POST | /v1/apps/orders/apply?revison=1 | none |",
        "POST | /v1/apps/orders/integrations?source=urn:x | none |",
        "DELETE | /v1/apps/orders/integrations/shop?ap=orders | none |",
        "POST | /v1/executions/17/cancel?ap=orders | app, wait | app",
        "POST | /v1/executions/17/truth?after=x | app, wait |",
        "POST | /v1/executions/17/release?app=orders | wait |",
        "POST | /v1/events?source=urn:shop | none |",
        "POST | /v1/keys?expiresIn=1h | none |",
        "GET | /v1/keys?limit=5 | none |",
        "DELETE | /v1/keys/3fQ9xK2a?now=true | none |",
        "POST | /v1/tenants?tenantId=acme | none |",
        "GET | /v1/apps?afer=x | after | after",
        "GET | /v1/dead-letters?topics=x | topic, reason, replayed, before, limit | topic",
        "POST | /v1/dead-letters/nexus.ingress-0@1/replay?agian=true | again | again",
        "POST | /v1/dead-letters/replay?again=true | none |"
      })
  void shouldRefuseParametersThatACallDoesNotHave(
      String method, String path, String expected, @Nullable String nearest) {
    // When
    var answer =
        door.send(
            door.request(operator, path)
                .header("Content-Type", "application/json")
                .method(
                    method,
                    method.equals("POST")
                        ? HttpRequest.BodyPublishers.ofString("{}")
                        : HttpRequest.BodyPublishers.noBody())
                .build());

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(400);
    assertThat(answer.body().at("/type").asText()).isEqualTo("urn:nexus:problem:unknown-parameter");
    assertThat(answer.body().at("/detail").asText())
        .matches("no parameter '\\w+' here: expected " + expected + "(; did you mean .*)?");
    assertThat(answer.body().path("nearest"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(Optional.ofNullable(nearest).stream().toList());
  }

  @Test
  void shouldKeepHealthAndMetricsOpenToThisMachine() {
    assertThat(door.get("", "/health").status()).isEqualTo(200);
    assertThat(door.get("", "/metrics"))
        .satisfies(a -> assertThat(a.status()).isEqualTo(200))
        .satisfies(a -> assertThat(a.contentType()).startsWith("text/plain"))
        .satisfies(a -> assertThat(a.response().body()).contains("# TYPE jvm_memory_used_bytes"));
    assertThat(door.get("", "/prometheus").status()).isEqualTo(401);
  }

  /// A stranger who is refused without end writes nothing without end, and nothing goes unseen.
  @Test
  void shouldTellAnAddressToWaitThatIsRefusedWithoutEnd() {
    try (FrontDoor flooded = new FrontDoor(BROKER, data.resolve("flooded"))) {
      // Given
      String key = flooded.key("app:orders:read");
      int asked = 600;

      // When
      List<FrontDoor.Answer> answers = new ArrayList<>();
      for (int i = 0; i < asked; i++) {
        answers.add(flooded.get("nonsense", "/v1/apps/" + "x".repeat(1_000) + i));
      }

      // Then: it was refused, then told to wait
      assertThat(answers).extracting(FrontDoor.Answer::status).containsOnly(401, 429);
      assertThat(answers.getFirst().status()).isEqualTo(401);
      var late = answers.stream().filter(a -> a.status() == 429).findFirst().orElseThrow();
      assertThat(late.body().path("type").asText())
          .isEqualTo("urn:nexus:problem:refused-too-often");
      assertThat(late.response().headers().firstValue("Retry-After")).hasValue("1");
      Eventually.holds(
          () -> assertThat(flood().stream().mapToInt(AccessDenied::count).sum()).isEqualTo(asked));
      assertThat(flood())
          .hasSizeLessThan(asked / 3)
          .allSatisfy(denied -> assertThat(denied.action()).hasSizeLessThan(300));
      assertThat(flooded.get(key, "/v1/apps").status()).isEqualTo(200);
    }
  }

  private static List<AccessDenied> flood() {
    return denials().stream()
        .filter(d -> d.reason().equals("too-often") || d.action().startsWith("GET /v1/apps/xxx"))
        .toList();
  }

  private static int unknownAtApps() {
    return denialsOf(AuditTrail.ANONYMOUS).stream()
        .filter(d -> d.reason().equals("unknown-key") && d.action().equals("GET /v1/apps"))
        .mapToInt(AccessDenied::count)
        .sum();
  }

  private static List<AccessDenied> denials() {
    return denials(_ -> true);
  }

  private static List<AccessDenied> denialsOf(String actor) {
    return denials(event -> event.envelope().actor().equals(actor));
  }

  private static List<AccessDenied> denials(Predicate<Event<AuditEvent>> wanted) {
    return BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class).stream()
        .filter(wanted)
        .map(Event::body)
        .filter(AccessDenied.class::isInstance)
        .map(AccessDenied.class::cast)
        .toList();
  }
}
