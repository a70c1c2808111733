package dev.nexus.command.intake;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// Whether the data of an event is JSON: components take nothing else, so whoever sends something
/// else hears it at once and not from the dead letters.
final class JsonData {
  private static final String EXPECTED = "JSON, of a content type such as application/json";

  private JsonData() {}

  static Optional<Refusal> fault(String pointer, CloudEvent event) {
    CloudEventData data = event.getData();
    if (data == null) {
      return Optional.empty();
    }
    String type = event.getDataContentType();
    if (type != null && !type.isEmpty() && !type.toLowerCase(Locale.ROOT).contains("json")) {
      return Optional.of(Refusal.wrongData(pointer + "/datacontenttype", EXPECTED, type));
    }
    try {
      CanonicalJson.read(new String(data.toBytes(), StandardCharsets.UTF_8));
      return Optional.empty();
    } catch (MalformedJsonException e) {
      return Optional.of(
          Refusal.malformed(pointer + "/data", "the data is no JSON", "JSON", e.found()));
    }
  }
}
