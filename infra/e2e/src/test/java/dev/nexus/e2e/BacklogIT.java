package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.service.NexusService;
import dev.nexus.testkit.Eventually;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A platform that is asked for more than it does says so, and takes work again when it has caught
/// up. Its parts measure themselves; nobody tells the front door anything else.
class BacklogIT {
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(Map.of("NEXUS_BACKLOG_LIMIT", "20"));

  private static final String INVOKE = "/v1/apps/lab/components/greet/invoke";

  @Test
  void shouldRefuseNewWorkWhileItsTasksWaitAndTakeItAgainAfterwards() {
    // Given
    platform.apply("lab");
    // The broker knows what waits on a lane once a first task of it was done.
    assertThat(greet("").statusCode()).isEqualTo(200);
    platform.platform().services().services().stream()
        .filter(service -> service.name().startsWith("lane-"))
        .forEach(NexusService::close);

    // When
    HttpResponse<String> refused =
        Eventually.value(
            Duration.ofSeconds(30),
            () -> greet("?wait=0s"),
            answer -> answer.statusCode() == 429,
            "a refusal");

    // Then
    assertThat(CanonicalJson.read(refused.body()).path("detail").asText())
        .contains("lane-code is")
        .contains("records behind, and new work is refused above 20");
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("2");
    platform.restart();
    Eventually.value(
        Duration.ofSeconds(30),
        () -> greet("").statusCode(),
        status -> status == 200,
        "work done again");
  }

  private static HttpResponse<String> greet(String query) {
    return platform.post(INVOKE + query, "{\"name\": \"Ada\"}");
  }
}
