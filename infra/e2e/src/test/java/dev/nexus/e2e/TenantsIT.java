package dev.nexus.e2e;

import static dev.nexus.rig.PlatformExtension.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two tenants on one installation: what belongs to one does not exist for the other.
class TenantsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final String INVOKE = "/v1/apps/lab/components/echo/invoke";

  private static String acme;

  @BeforeAll
  static void register() {
    platform.apply("lab");
    JsonNode registered =
        json(
            platform.post(
                "/v1/tenants", "{\"tenantId\": \"acme\", \"displayName\": \"Acme Corp.\"}"),
            201);
    acme = registered.path("key").asText();
    json(asAcme("POST", "/v1/apps/acme-lab/apply", definition("acme-lab")), 200);
  }

  @Test
  void shouldListTenantsToOperatorsOfTheFirstOneOnly() {
    assertThat(json(platform.get("/v1/tenants"), 200).findValuesAsText("tenantId"))
        .contains("acme", "default");
    assertThat(asAcme("GET", "/v1/tenants", "").statusCode()).isEqualTo(403);
    assertThat(asAcme("POST", "/v1/tenants", "{\"tenantId\": \"more\"}").statusCode())
        .isEqualTo(403);
    json(platform.post("/v1/tenants", "{\"tenantId\": \"acme\"}"), 409);
    json(platform.post("/v1/tenants", "{\"tenantId\": \"A b\"}"), 400);
  }

  @Test
  void shouldShowATenantItsOwnApplicationsOnly() {
    assertThat(json(asAcme("GET", "/v1/apps", ""), 200).findValuesAsText("app"))
        .containsExactly("acme-lab");
    assertThat(json(platform.get("/v1/apps"), 200).findValuesAsText("app"))
        .contains("lab")
        .doesNotContain("acme-lab");
    json(asAcme("GET", "/v1/apps/lab", ""), 404);
    json(asAcme("POST", INVOKE, "{}"), 404);
    json(platform.get("/v1/apps/acme-lab"), 404);
  }

  @Test
  void shouldLetNobodyTakeTheApplicationIdOfAnotherTenant() {
    JsonNode refusal = json(asAcme("POST", "/v1/apps/lab/apply", definition("lab")), 409);

    assertThat(refusal.path("detail").asText()).contains("taken").doesNotContain("default");
  }

  @Test
  void shouldKeepExecutionsApartWithTheSameIdempotencyKeyToo() {
    // Given
    List<String> key = List.of("Idempotency-Key", "the-same");
    JsonNode theirs =
        json(
            platform.send("POST", "/v1/apps/acme-lab/components/echo/invoke", acme, "1", key), 200);
    JsonNode ours = json(platform.send("POST", INVOKE, platform.operatorKey(), "2", key), 200);
    String id = theirs.path("executionId").asText();
    String token = theirs.path("token").asText();

    // When
    JsonNode shown = json(platform.shown("/v1/executions/" + id, token, acme), 200);

    // Then
    assertThat(shown.path("executionId").asText()).isEqualTo(id);
    assertThat(ours.path("executionId").asText()).isNotEqualTo(id);
    json(platform.get("/v1/executions/" + id), 404);
    json(platform.get("/v1/executions/" + id + "?after=" + token), 400);
    json(platform.post("/v1/executions/" + id + "/cancel", "{}"), 404);
    json(platform.post("/v1/executions/" + id + "/release", "{}"), 404);
    assertThat(
            json(asAcme("GET", "/v1/executions?limit=100", ""), 200)
                .findValuesAsText("executionId"))
        .contains(id)
        .doesNotContain(ours.path("executionId").asText());
  }

  @Test
  void shouldKeepKeysApart() {
    // Given
    String keyId =
        json(asAcme("POST", "/v1/keys", "{\"scopes\": [\"app:*:read\"]}"), 201)
            .path("keyId")
            .asText();

    // Then
    assertThat(json(platform.get("/v1/keys"), 200).findValuesAsText("keyId")).doesNotContain(keyId);
    assertThat(
            platform
                .send("DELETE", "/v1/keys/" + keyId, platform.operatorKey(), "", List.of())
                .statusCode())
        .isEqualTo(404);
    assertThat(asAcme("DELETE", "/v1/keys/" + keyId, "").statusCode()).isEqualTo(204);
  }

  private static HttpResponse<String> asAcme(String method, String path, String body) {
    return platform.send(method, path, acme, body, List.of());
  }

  private static String definition(String app) {
    String text =
        """
        appId: %s
        components:
          - componentId: echo
            handlerType: BUILTIN
            taskDetails: {function: echo}
        """
            .formatted(app);
    return CanonicalJson.toJson(Map.of("files", Map.of("app_definition.yaml", text))).text();
  }
}
