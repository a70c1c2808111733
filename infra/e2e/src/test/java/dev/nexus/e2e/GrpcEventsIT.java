package dev.nexus.e2e;

import static dev.nexus.rig.PlatformExtension.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A stream of events into the whole platform.
class GrpcEventsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final String SOURCE = "urn:intake:shop";
  private static final String TYPE = "com.example.order.streamed";

  @BeforeAll
  static void register() {
    platform.apply("intake");
    platform.apply("streamed", application("streamed"));
    String stranger =
        json(platform.post("/v1/tenants", "{\"tenantId\": \"umbrella\"}"), 201)
            .path("key")
            .asText();
    json(
        platform.send(
            "POST",
            "/v1/apps/umbrella-lab/apply",
            stranger,
            application("umbrella-lab").toString(),
            List.of()),
        200);
  }

  @Test
  void shouldRunWhatItAcknowledgesAndRefuseTheRestWithItsReason() {
    // Given sources of nobody, of another application and of another tenant
    String key = platform.key("app:intake:invoke");

    try (EventStream stream = new EventStream(platform.grpc(), key)) {
      // When
      stream.send(SOURCE, "streamed-1", TYPE, "{\"text\": \"a lamp\"}");
      stream.send("urn:intake:shap", "streamed-2", TYPE, "{}");
      stream.send("urn:streamed", "streamed-3", TYPE, "{}");
      stream.send("urn:umbrella-lab", "streamed-4", TYPE, "{}");
      stream.send(SOURCE, "streamed-5", TYPE, "{\"text\": \"a chair\"}");
      stream.finish();

      // Then
      assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
      List<PublishAck> acks = stream.acks(5);
      assertThat(acks)
          .extracting(ack -> ack.getError().getKind())
          .containsExactly("", "unregistered-source", "forbidden", "unregistered-source", "");
      assertThat(acks.get(1).getError().getNearestList()).containsExactly(SOURCE);
      assertThat(acks.get(2).getError().getMessage()).contains("app:streamed");
      assertThat(acks.get(3).getError().getMessage())
          .contains("urn:umbrella-lab")
          .doesNotContain("app:");
    }
    awaitSuccess("streamed-1");
    awaitSuccess("streamed-5");
    assertThat(IngressIds.of(platform))
        .contains("streamed-1", "streamed-5")
        .doesNotContain("streamed-2", "streamed-3", "streamed-4");
  }

  @Test
  void shouldEndTheStreamOfAKeyThatIsRevokedMeanwhile() {
    // Given
    String key = platform.key("app:intake:invoke");
    try (EventStream stream = new EventStream(platform.grpc(), key)) {
      stream.send(SOURCE, "streamed-6", TYPE, "{\"text\": \"a table\"}");
      assertThat(stream.acks(1).getFirst().hasError()).isFalse();

      // When
      String keyId = Denials.actorOf(key).substring("key:".length());
      send("DELETE", "/v1/keys/" + keyId, platform.operatorKey());
      Eventually.holds(() -> assertThat(send("GET", "/v1/apps", key)).isEqualTo(401));
      stream.send(SOURCE, "streamed-7", TYPE, "{\"text\": \"a sofa\"}");

      // Then
      assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(stream.end().getDescription()).contains("revoked");
      assertThat(stream.acks(1)).hasSize(1);
    }
  }

  @Test
  void shouldTakeNothingWithoutAGoodKey() {
    for (String key : List.of("", "nxs_live_nonsense")) {
      try (EventStream stream = new EventStream(platform.grpc(), key)) {
        stream.send(SOURCE, "streamed-8", TYPE, "{}");

        assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      }
    }
    assertThat(Denials.of(platform))
        .extracting(denied -> denied.denial().action())
        .contains("grpc nexus.v1.Events/Publish");
  }

  private static int send(String method, String path, String key) {
    return platform.send(method, path, key, "", List.of()).statusCode();
  }

  private static void awaitSuccess(String eventId) {
    String id =
        ExecutionId.ofSource(TenantId.DEFAULT, "intake", "keep", SOURCE, eventId).toString();
    Eventually.holds(
        () ->
            assertThat(json(platform.get("/v1/executions/" + id), 200).path("status").asText())
                .isEqualTo("SUCCEEDED"));
  }

  private static ObjectNode application(String appId) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: %1$s
            components:
              - {componentId: keep, handlerType: BUILTIN, taskDetails: {function: echo}}
            integrations:
              - {integrationId: %1$s, source: "urn:%1$s"}
            triggers:
              - {triggerId: all, eventType: "*", component: keep}
            """
                .formatted(appId));
    return body;
  }
}
