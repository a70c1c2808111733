package dev.nexus.command.rpc;

import dev.nexus.command.intake.Arrival;
import dev.nexus.command.intake.Attributes;
import dev.nexus.command.intake.Refusal;
import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.CloudEvent.CloudEventAttributeValue;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.rw.CloudEventRWException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/// CloudEvents in the protobuf form of their specification.
final class ProtoEvents {
  private ProtoEvents() {}

  static Arrival read(CloudEvent message) {
    Optional<Refusal> missing =
        Attributes.missing("", "specversion", message.getSpecVersion())
            .or(() -> Attributes.missing("", "id", message.getId()))
            .or(() -> Attributes.missing("", "source", message.getSource()))
            .or(() -> Attributes.missing("", "type", message.getType()));
    if (missing.isPresent()) {
      return new Arrival.Illegible(missing.get());
    }
    if (message.hasProtoData()) {
      return new Arrival.Illegible(
          Refusal.wrongData("/data", "JSON as text or bytes", message.getProtoData().getTypeUrl()));
    }
    return Attributes.arrival("", () -> event(message));
  }

  private static io.cloudevents.CloudEvent event(CloudEvent message) {
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            .withId(message.getId())
            .withSource(URI.create(message.getSource()))
            .withType(message.getType());
    message.getAttributesMap().forEach((name, value) -> set(event, name, value));
    switch (message.getDataCase()) {
      case BINARY_DATA -> event.withData(message.getBinaryData().toByteArray());
      case TEXT_DATA -> event.withData(message.getTextData().getBytes(StandardCharsets.UTF_8));
      case PROTO_DATA, DATA_NOT_SET -> {}
    }
    return event.build();
  }

  private static void set(CloudEventBuilder event, String name, CloudEventAttributeValue value) {
    switch (name) {
      case "datacontenttype" -> event.withDataContentType(text(name, value));
      case "dataschema" -> event.withDataSchema(URI.create(text(name, value)));
      case "subject" -> event.withSubject(text(name, value));
      case "time" -> event.withTime(time(value));
      case "specversion", "id", "source", "type" ->
          throw CloudEventRWException.newInvalidAttributeName(name);
      default -> extend(event, name, value);
    }
  }

  private static void extend(CloudEventBuilder event, String name, CloudEventAttributeValue value) {
    switch (value.getAttrCase()) {
      case CE_BOOLEAN -> event.withExtension(name, value.getCeBoolean());
      case CE_INTEGER -> event.withExtension(name, Integer.valueOf(value.getCeInteger()));
      case CE_BYTES -> event.withExtension(name, value.getCeBytes().toByteArray());
      case CE_TIMESTAMP -> event.withExtension(name, time(value));
      case CE_STRING, CE_URI, CE_URI_REF -> event.withExtension(name, text(name, value));
      case ATTR_NOT_SET -> {}
    }
  }

  private static String text(String name, CloudEventAttributeValue value) {
    return switch (value.getAttrCase()) {
      case CE_STRING -> value.getCeString();
      case CE_URI -> value.getCeUri();
      case CE_URI_REF -> value.getCeUriRef();
      case CE_BOOLEAN, CE_INTEGER, CE_BYTES, CE_TIMESTAMP, ATTR_NOT_SET ->
          throw CloudEventRWException.newInvalidAttributeValue(
              name, value.getAttrCase(), new IllegalArgumentException("a text expected"));
    };
  }

  private static OffsetDateTime time(CloudEventAttributeValue value) {
    if (value.getAttrCase() == CloudEventAttributeValue.AttrCase.CE_TIMESTAMP) {
      var at = value.getCeTimestamp();
      return OffsetDateTime.ofInstant(
          Instant.ofEpochSecond(at.getSeconds(), at.getNanos()), ZoneOffset.UTC);
    }
    return OffsetDateTime.parse(text("time", value));
  }
}
