package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.api.FrontDoor.Answer;
import dev.nexus.testkit.BrokerExtension;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Runtime values over real HTTP.
class ValuesApiIT {
  private static final String VALUES = "/v1/apps/orders/values";

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static FrontDoor door;
  private static String operator;

  @BeforeAll
  static void open() {
    door = new FrontDoor(BROKER, data);
    operator = door.key("operator");
    door.apply(operator, "orders", Map.of("app_definition.yaml", FrontDoor.DEFINITION));
  }

  @AfterAll
  static void close() {
    door.close();
  }

  private static Answer put(String key, String path, String body, String... headers) {
    return door.send(
        door.request(key, path, headers)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body))
            .build());
  }

  @Test
  void shouldKeepWhatIsSetInItsCanonicalForm() {
    // When
    Answer set =
        put(
            operator,
            VALUES + "/rate:eur",
            " {\"r\": 1.10, \"n\": 12345678901234567890, \"five\": 5.0} ");
    // Then
    assertThat(set.status()).describedAs(set.toString()).isEqualTo(200);
    Answer read = door.get(operator, VALUES + "/rate:eur");
    assertThat(read.response().body())
        .contains("\"value\":{\"five\":5,\"n\":12345678901234567890,\"r\":1.1}");
    assertThat(read.body().at("/version")).isEqualTo(set.body().at("/version"));
    // When
    Answer late = put(operator, VALUES + "/rate:eur?expectedVersion=0", "1");
    // Then
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.body().at("/foundVersion").asText())
        .isEqualTo(set.body().at("/version").asText());
    assertThat(late.body().at("/detail").asText()).startsWith("expected no value, found version");
  }

  @Test
  void shouldCountOnceWhatIsAskedTwice() {
    // Given
    String path = VALUES + "/visits/increment";
    // When
    Answer first = door.post(operator, path + "?ttl=1h", "{\"by\": 5}", "Idempotency-Key", "visit");
    Answer again = door.post(operator, path + "?ttl=1h", "{\"by\": 5}", "Idempotency-Key", "visit");
    Answer other = door.post(operator, path + "?ttl=1h", "{\"by\": 6}", "Idempotency-Key", "visit");
    Answer one = door.post(operator, path, "");
    // Then
    assertThat(first.body()).isEqualTo(again.body());
    assertThat(first.body().at("/expiresAt").asText()).isNotEmpty();
    assertThat(other.status()).isEqualTo(422);
    assertThat(one.body().at("/value").asLong()).isEqualTo(6);
    assertThat(door.post(operator, path, "{\"by\": 1.5}").status()).isEqualTo(400);
  }

  @Test
  void shouldListAndDelete() {
    // Given
    put(operator, VALUES + "/user:1", "1");
    put(operator, VALUES + "/user:2", "2");
    // When
    Answer page = door.get(operator, VALUES + "?prefix=user:&limit=1");
    Answer rest = door.get(operator, VALUES + "?prefix=user:&afterKey=user:1");
    // Then
    assertThat(page.body().at("/values").findValuesAsText("key")).containsExactly("user:1");
    assertThat(page.body().at("/more").asBoolean()).isTrue();
    assertThat(rest.body().at("/values").findValuesAsText("key")).containsExactly("user:2");
    // When
    Answer deleted = door.delete(operator, VALUES + "/user:1");
    // Then
    assertThat(deleted.body().at("/deleted").asBoolean()).isTrue();
    assertThat(door.delete(operator, VALUES + "/user:1").body().at("/deleted").asBoolean())
        .isFalse();
    assertThat(door.get(operator, VALUES + "/user:1").status()).isEqualTo(404);
  }

  @Test
  void shouldLetNobodyInWithoutTheScope() {
    // Given
    String reader = door.key("app:orders:read");
    String invoker = door.key("app:orders:invoke");
    String stranger = door.key("app:other:invoke");
    put(operator, VALUES + "/seen", "1");
    // Then
    assertThat(door.get(reader, VALUES + "/seen").status()).isEqualTo(200);
    assertThat(door.get(invoker, VALUES + "/seen").status()).isEqualTo(200);
    assertThat(door.get(invoker, VALUES).status()).isEqualTo(200);
    assertThat(put(reader, VALUES + "/seen", "2").status()).isEqualTo(403);
    assertThat(door.post(reader, VALUES + "/seen/increment", "").status()).isEqualTo(403);
    assertThat(door.delete(reader, VALUES + "/seen").status()).isEqualTo(403);
    assertThat(door.get(stranger, VALUES + "/seen").status()).isEqualTo(403);
    assertThat(door.get(operator, "/v1/apps/none/values/seen").status()).isEqualTo(404);
    assertThat(put(operator, VALUES + "/seen", "{oops").status()).isEqualTo(400);
    assertThat(put(operator, VALUES + "/seen?ttl=100ms", "1").status()).isEqualTo(400);
    assertThat(put(operator, VALUES + "/seen?ttl=0s", "1").status()).isEqualTo(400);
  }
}
