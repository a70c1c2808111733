package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What an operator who asks for a rebuild hears of a Redis that is away, or there and silent.
class RebuildWithoutRedisIT {
  private static final String PATH = "/v1/projections/rebuild";

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();
  @TempDir static Path data;
  @TempDir static Path ofRedis;

  private static HttpResponse<String> ask(Platform platform, String key, String method) {
    return platform.send(
        platform.request(key, PATH).method(method, BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  private static void assertUnavailable(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    JsonNode problem = CanonicalJson.read(answer.body());
    assertThat(problem.path("type").asText()).endsWith("projections-unavailable");
    assertThat(problem.path("detail").asText()).startsWith("Redis does not answer (");
  }

  @Test
  @Timeout(240)
  void shouldSayThatRedisDoesNotAnswer() throws Exception {
    // Given
    EmbeddedRedis redis = EmbeddedRedis.start(ofRedis);
    try (redis;
        Platform platform = new Platform(broker, redis.url(), data)) {
      String operator = platform.key("operator");
      Eventually.value(
          () -> platform.get(operator, PATH).statusCode(), status -> status == 200, "a known key");

      // When it is away
      redis.close();

      // Then
      for (String method : List.of("GET", "POST", "DELETE")) {
        assertUnavailable(ask(platform, operator, method));
      }

      // When another takes connections in its place and says nothing, as if it were stopped
      try (var silent = new ServerSocket(redis.port(), 500, InetAddress.getLoopbackAddress())) {
        // Then
        assertThat(silent.isBound()).isTrue();
        assertUnavailable(ask(platform, operator, "GET"));
        assertUnavailable(ask(platform, operator, "POST"));
      }
    }
  }
}
