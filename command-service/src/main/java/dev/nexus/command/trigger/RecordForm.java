package dev.nexus.command.trigger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.intake.Attributes;
import dev.nexus.command.trigger.OutsideEvent.MalformedException;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// The form of a record of `nexus.ingress`, which its headers say: an event in binary form, or a
/// whole one as value. What is wrong with a record is said in the names its sender wrote.
final class RecordForm {
  private static final String EXPECTED = "a CloudEvent 1.0 expected, binary or structured: ";
  private static final String PREFIX = "ce_";
  private static final String VERSION = "ce_specversion";
  private static final String FAMILY = "application/cloudevents";
  private static final String STRUCTURED = FAMILY + "+json";
  private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

  /// Headers among which misspelt ones are looked for: a record may have a million.
  private static final int LOOKED_AT = 100;

  private static final List<String> HEADERS =
      List.of("content-type", VERSION, "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time");

  private final ConsumerRecord<String, byte[]> record;

  RecordForm(ConsumerRecord<String, byte[]> record) {
    this.record = record;
  }

  /// Its `content-type` in lower case; "" when it has none.
  String contentType() {
    return header("content-type").orElse("").toLowerCase(Locale.ROOT);
  }

  /// Throws when the headers do not say in which form it is an event.
  void require() throws MalformedException {
    String type = contentType();
    boolean whole = type.startsWith(FAMILY);
    if (whole && record.value() == null) {
      throw malformed("the event as value, found none");
    }
    if (isStructured()) {
      return;
    }
    if (header(VERSION).isPresent()) {
      requireAttributes();
    } else if (whole) {
      throw malformed(
          "content-type "
              + STRUCTURED
              + " (or +avro), found "
              + type
              + (type.contains("batch")
                  ? ": batches are not taken on nexus.ingress, send a record for each event"
                  : ""));
    } else {
      throw new MalformedException(
          "a CloudEvent expected: its attributes as headers (ce_specversion: 1.0, ce_id, ce_source,"
              + " ce_type) with JSON data as value, or the whole event as value and the header"
              + " content-type: application/cloudevents+json (or +avro); found no header"
              + " ce_specversion, and "
              + (type.isEmpty() ? "no content-type" : "content-type: " + type)
              + misspelt());
    }
  }

  private boolean isStructured() {
    return contentType().split(";", 2)[0].strip().equals(STRUCTURED);
  }

  private void requireAttributes() throws MalformedException {
    for (String name : REQUIRED) {
      if (header(PREFIX + name).isEmpty()) {
        throw malformed("the header " + PREFIX + name + " is missing" + misspelt());
      }
    }
  }

  /// Why it could not be read: the attribute that is to blame, else what was said.
  MalformedException unreadable(@Nullable String said) {
    return malformed(culprit().map(Fault::sentence).orElse(String.valueOf(said)));
  }

  private Optional<Fault> culprit() {
    if (!isStructured()) {
      ObjectNode attributes = JsonNodeFactory.instance.objectNode();
      for (Header header : record.headers()) {
        if (header.key().startsWith(PREFIX) && header.value() != null) {
          attributes.put(
              header.key().substring(PREFIX.length()),
              new String(header.value(), StandardCharsets.UTF_8));
        }
      }
      return Attributes.culprit(PREFIX, attributes);
    }
    try {
      return CanonicalJson.read(new String(record.value(), StandardCharsets.UTF_8))
              instanceof ObjectNode event
          ? missing(event).or(() -> Attributes.culprit("/", event))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Fault> missing(ObjectNode event) {
    return REQUIRED.stream()
        .filter(name -> event.path(name).isMissingNode() || event.path(name).isNull())
        .findFirst()
        .flatMap(name -> Attributes.missing("", name, ""))
        .map(refusal -> refusal.fault());
  }

  /// Names of headers are case-sensitive here, other than in HTTP.
  private String misspelt() {
    Map<String, String> found = new LinkedHashMap<>();
    int looked = 0;
    for (Header header : record.headers()) {
      if (looked++ == LOOKED_AT) {
        break;
      }
      if (!HEADERS.contains(header.key())) {
        NearestNames.of(header.key(), HEADERS).stream()
            .findFirst()
            .ifPresent(meant -> found.putIfAbsent(meant, header.key()));
      }
    }
    var advice = new StringJoiner(", ", "; did you mean ", "?").setEmptyValue("");
    found.forEach((meant, key) -> advice.add(meant + " where it says " + key));
    return advice.toString();
  }

  /// Kafka's headers may have no value, which counts as no header.
  private Optional<String> header(String name) {
    return Optional.ofNullable(record.headers().lastHeader(name))
        .flatMap(header -> Optional.ofNullable(header.value()))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  static MalformedException malformed(String what) {
    return new MalformedException(EXPECTED + what);
  }
}
