package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Signed deliveries with the limit of bodies that `docs/producers.md` names for large ones.
class LargeDeliveriesIT {
  private static final int LIMIT = 4 << 20;

  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(Map.of("NEXUS_MAX_BODY_BYTES", Integer.toString(LIMIT)));

  private static final IntakeHook HOOK = new IntakeHook(platform);

  /// Characters of a delivery beside those of its text.
  private static final int AROUND = body("").length();

  @BeforeAll
  static void publish() throws IOException {
    HOOK.publish();
  }

  @Test
  void shouldRunADeliveryOfThreeMebibytesAndKeepItBesideTheLog() {
    // Given
    String text = "x".repeat((3 << 20) - AROUND);

    // When
    HttpResponse<String> answer = HOOK.deliver(body(text), "large");

    // Then
    PlatformExtension.json(answer, 202);
    JsonNode event = matched("large");
    String place = event.path("place").asText();
    JsonNode shown = PlatformExtension.json(platform.get("/v1/events/" + place), 200);
    assertThat(shown.at("/event/data/data/$payload").asText()).startsWith("sha256:");
    JsonNode data = PlatformExtension.json(platform.get("/v1/events/" + place + "/data"), 200);
    assertThat(data.path("event").asText()).isEqualTo("issues");
    assertThat(data.at("/payload/text").asText()).isEqualTo(text);

    // And its component was given all of it
    String execution = event.path("executions").path(0).asText();
    JsonNode ended =
        Eventually.value(
            () -> PlatformExtension.json(platform.get("/v1/executions/" + execution), 200),
            found -> found.path("status").asText().equals("SUCCEEDED"),
            "its execution");
    String digest = ended.at("/output/$payload").asText().replace("sha256:", "");
    JsonNode output =
        PlatformExtension.json(
            platform.get("/v1/executions/" + execution + "/payloads/" + digest), 200);
    assertThat(output.at("/payload/text").asText()).isEqualTo(text);
    assertSmall(List.of(Topic.EVENTS, Topic.REQUESTS, Topic.EXECUTIONS));
  }

  @Test
  void shouldRefuseADeliveryOfWhichTheLogTakesNoRecordAndWriteNothing() {
    // Given a body that may be so large, with no room for what stands around it in a record
    String body = body("y".repeat(LIMIT - 1 - AROUND));

    // When
    HttpResponse<String> refused = HOOK.deliver(body, "too-large");
    HttpResponse<String> taken = HOOK.deliver(body("z"), "small");

    // Then
    JsonNode problem = PlatformExtension.json(refused, 413);
    assertThat(problem.path("type").asText()).isEqualTo("urn:nexus:problem:event-too-large");
    assertThat(problem.path("detail").asText())
        .contains("the event is too large", "at most " + LIMIT + " bytes with its data");
    PlatformExtension.json(taken, 202);
    assertThat(matched("small").path("executions")).hasSize(1);
    assertThat(idsOnIngress()).contains("small").doesNotContain("too-large");
    assertThat(events("too-large", "")).isEmpty();
  }

  private static String body(String text) {
    return "{\"text\":\"" + text + "\"}";
  }

  private static JsonNode matched(String delivery) {
    return Eventually.value(
            () -> events(delivery, "&status=matched"),
            found -> found.size() == 1,
            "the event " + delivery)
        .path(0);
  }

  private static JsonNode events(String id, String filter) {
    return PlatformExtension.json(platform.get("/v1/events?id=" + id + filter), 200).path("events");
  }

  private static void assertSmall(List<Topic> topics) {
    for (Topic topic : topics) {
      assertThat(log().records(topic))
          .isNotEmpty()
          .allSatisfy(record -> assertThat(record.value().length).isLessThan(20_000));
    }
  }

  private static List<String> idsOnIngress() {
    return log().records(Topic.INGRESS).stream()
        .map(record -> record.headers().lastHeader("ce_id"))
        .filter(Objects::nonNull)
        .map(header -> new String(header.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private static TopicReader log() {
    return new TopicReader(new KafkaClients(platform.platform().settings()));
  }
}
