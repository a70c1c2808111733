package dev.nexus.wire;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// CloudEvents 1.0 attributes (binary mode of the Kafka binding) and W3C trace context, for
/// readers that look at headers alone.
public final class CloudEventHeaders {
  /// Header with the event's id.
  public static final String ID = "ce_id";

  /// Header with the event's type, behind `TYPE_PREFIX`.
  public static final String TYPE = "ce_type";

  /// What the types of our own events begin with.
  public static final String TYPE_PREFIX = "dev.nexus.";

  private static final byte[] SPEC_VERSION = utf8("1.0");
  private static final byte[] CONTENT_TYPE = utf8("application/avro");

  private CloudEventHeaders() {}

  public static Map<String, byte[]> of(Event<?> event) {
    Envelope envelope = event.envelope();
    Map<String, byte[]> headers = new LinkedHashMap<>();
    headers.put("ce_specversion", SPEC_VERSION);
    headers.put(ID, utf8(envelope.eventId().toString()));
    headers.put(TYPE, utf8(TYPE_PREFIX + event.body().getClass().getSimpleName()));
    headers.put("ce_source", utf8("/" + envelope.tenantId() + "/" + envelope.appId()));
    headers.put("ce_time", utf8(envelope.occurredAt().toString()));
    headers.put("content-type", CONTENT_TYPE);
    if (!envelope.executionId().isEmpty()) {
      headers.put("ce_subject", utf8(envelope.executionId()));
    }
    if (!envelope.traceparent().isEmpty()) {
      headers.put("traceparent", utf8(envelope.traceparent()));
    }
    return headers;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
