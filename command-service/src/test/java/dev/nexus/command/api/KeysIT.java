package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.ActionTaken;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.Principal;
import dev.nexus.platform.security.Scope;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Keys are issued, listed and revoked over HTTP.
class KeysIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static FrontDoor door;
  private static String operator;

  @BeforeAll
  static void open() {
    door = new FrontDoor(BROKER, data);
    operator = door.key("operator");
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldIssueAKeyThatWorksUntilItIsRevoked() {
    // Given
    var issued =
        door.post(
            operator,
            "/v1/keys",
            "{\"description\": \"ci\", \"scopes\": [\"app:*:read\"], \"expiresIn\": \"1h\"}");
    String key = issued.body().at("/key").asText();
    String keyId = issued.body().at("/keyId").asText();
    int before = door.get(key, "/v1/apps").status();

    // When
    var revoked = door.delete(operator, "/v1/keys/" + keyId);
    int after = door.get(key, "/v1/apps").status();

    // Then
    assertThat(issued.status()).isEqualTo(201);
    assertThat(before).isEqualTo(200);
    assertThat(revoked.status()).isEqualTo(204);
    assertThat(after).isEqualTo(401);
    assertThat(BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class))
        .extracting(dev.nexus.event.Event::body)
        .anyMatch(
            e ->
                e instanceof ActionTaken t
                    && t.action().equals("key-issued")
                    && t.resource().contains(keyId))
        .anyMatch(
            e ->
                e instanceof ActionTaken t
                    && t.action().equals("key-revoked")
                    && t.resource().contains(keyId));
  }

  @Test
  void shouldRemarkOnScopesOfApplicationsThatThereAreNot() {
    // Given
    assertThat(
            door.apply(operator, "orders", Map.of("app_definition.yaml", FrontDoor.DEFINITION))
                .status())
        .isEqualTo(200);

    // When
    var issued =
        door.post(
            operator,
            "/v1/keys",
            "{\"scopes\": [\"app:ordres:invoke\", \"app:nothing-like-it:apply\","
                + " \"app:orders:read\", \"app:*:read\"]}");
    var known = door.post(operator, "/v1/keys", "{\"scopes\": [\"app:orders:invoke\"]}");

    // Then
    assertThat(issued.status()).isEqualTo(201);
    assertThat(issued.body().path("remarks"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "scope app:ordres:invoke: there is no application 'ordres' yet; did you mean orders?",
            "scope app:nothing-like-it:apply: there is no application 'nothing-like-it' yet");
    assertThat(known.status()).isEqualTo(201);
    assertThat(known.body().has("remarks")).isFalse();
  }

  /// As where one has been applied at another instance a moment ago.
  @Test
  void shouldReadWhatIsAppliedByNowBeforeItSaysThatThereIsNoSuchApplication() {
    // Given: an instance that has read nothing yet of what is there
    assertThat(
            door.apply(operator, "orders", Map.of("app_definition.yaml", FrontDoor.DEFINITION))
                .status())
        .isEqualTo(200);
    try (var late = catalog("late")) {
      late.start();

      // When
      var issued =
          controller(late, Duration.ofMinutes(2))
              .issue(caller(), "{\"scopes\": [\"app:orders:read\", \"app:ordres:read\"]}");

      // Then
      assertThat(issued.code()).isEqualTo(201);
      assertThat(issued.body())
          .contains("there is no application 'ordres' yet; did you mean orders?")
          .doesNotContain("application 'orders'");
    }
  }

  /// The key is shown once: nothing that the log does not say may cost it.
  @Test
  void shouldIssueAKeyWhereNobodySaysWhichApplicationsThereAre() {
    try (var silent = catalog("silent")) {
      // When
      var issued =
          controller(silent, Duration.ofMillis(50))
              .issue(caller(), "{\"scopes\": [\"app:orders:read\"]}");

      // Then
      assertThat(issued.code()).isEqualTo(201);
      assertThat(issued.body())
          .contains("nxs_live_")
          .contains("scope app:orders:read: this instance knows no application 'orders' yet");
    }
  }

  private static DefinitionCatalog catalog(String name) {
    return new DefinitionCatalog(door.clients(), name, door.bean(DeadLetters.class));
  }

  private static KeyController controller(DefinitionCatalog catalog, Duration told) {
    return new KeyController(
        door.bean(ApiKeys.class), door.bean(KeyRing.class), catalog, Duration.ofMinutes(2), told);
  }

  private static HttpCaller caller() {
    return new HttpCaller(
        Principal.ofKey(TenantId.DEFAULT, "test", List.of(Scope.parse("operator"))),
        "127.0.0.1",
        door.bean(AccessControl.class));
  }

  @Test
  void shouldSayHowLongAKeyMayLast() {
    // When
    var answer =
        door.post(
            operator, "/v1/keys", "{\"scopes\": [\"app:*:read\"], \"expiresIn\": \"90days\"}");

    // Then
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().at("/errors/0/pointer").asText()).isEqualTo("/expiresIn");
    assertThat(answer.body().at("/detail").asText())
        .isEqualTo(
            "/expiresIn: wrong expiresIn: expected a duration such as 90d or 12h, at most 3650d,"
                + " found '90days'");
  }

  @Test
  void shouldSayWhenAChangeIsNotInForceHereYet() {
    // Given: this instance knows the keys of before and hears nothing new
    String keyId = door.key("app:*:read").split("_")[2];
    var ring = new KeyRing(door.clients(), door.bean(DeadLetters.class), Clock.systemUTC());
    ring.start();
    ring.awaitReady(Duration.ofMinutes(2));
    ring.close();
    var controller =
        new KeyController(
            door.bean(ApiKeys.class),
            ring,
            door.bean(DefinitionCatalog.class),
            Duration.ofMillis(50),
            Duration.ofMillis(50));

    // When
    var issued = controller.issue(caller(), "{\"scopes\": [\"app:*:read\"]}");
    var revoked = controller.revoke(caller(), keyId);

    // Then
    assertThat(issued.code()).isEqualTo(202);
    assertThat(issued.body()).contains("nxs_live_");
    assertThat(revoked.code()).isEqualTo(202);
  }

  @Test
  void shouldNeverShowOrStoreASecretAgain() {
    // Given
    String key =
        door.post(operator, "/v1/keys", "{\"scopes\": [\"app:*:read\"]}")
            .body()
            .at("/key")
            .asText();
    String secret = key.substring(key.lastIndexOf('_') + 1);

    // Then
    assertThat(door.get(operator, "/v1/keys").response().body()).doesNotContain(secret);
    assertThat(BROKER.read(Topic.ENTITIES, EntityEvent.class).toString()).doesNotContain(secret);
    assertThat(BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class).toString())
        .doesNotContain(secret);
  }

  @Test
  void shouldSayWhatAKeyRequestLacks() {
    assertThat(door.post(operator, "/v1/keys", "{}").status()).isEqualTo(400);
    assertThat(
            door.post(operator, "/v1/keys", "{\"scopes\": [\"app:orders:everything\"]}")
                .body()
                .at("/errors/0/pointer")
                .asText())
        .isEqualTo("/scopes/0");
    assertThat(
            door.post(operator, "/v1/keys", "{\"scope\": []}")
                .body()
                .at("/errors/0/nearest/0")
                .asText())
        .isEqualTo("scopes");
    assertThat(door.delete(operator, "/v1/keys/unknown1").status()).isEqualTo(404);
  }
}
