package dev.nexus.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.entity.EntityEvent.TenantRegistered;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CloudEventHeadersTest {
  private static final UUID ID = UUID.fromString("01900000-0000-7000-8000-000000000001");
  private static final String EXECUTION = "01900000-0000-7000-8000-000000000002";
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final Instant AT = Instant.parse("2026-07-01T12:00:00.250Z");

  private static Map<String, String> headers(String appId, String execution, String traceparent) {
    var envelope =
        new Envelope(
            ID,
            AT,
            new TenantId("acme"),
            appId,
            execution,
            1,
            "",
            "",
            "key:a",
            traceparent,
            Position.NONE);
    Map<String, String> texts = new LinkedHashMap<>();
    CloudEventHeaders.of(new Event<>(envelope, new TenantRegistered("Acme")))
        .forEach((name, value) -> texts.put(name, new String(value, StandardCharsets.UTF_8)));
    return texts;
  }

  @Test
  void shouldGiveTheAttributesOfTheBinaryModeAndTheTrace() {
    assertThat(headers("orders", EXECUTION, TRACE))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ce_specversion", "1.0",
                "ce_id", ID.toString(),
                "ce_type", "dev.nexus.TenantRegistered",
                "ce_source", "/acme/orders",
                "ce_time", "2026-07-01T12:00:00.250Z",
                "ce_subject", EXECUTION,
                "traceparent", TRACE,
                "content-type", "application/avro"));
  }

  @Test
  void shouldLeaveOutWhatAnEventHasNot() {
    assertThat(headers("", "", ""))
        .doesNotContainKeys("ce_subject", "traceparent")
        .containsEntry("ce_source", "/acme/");
  }
}
