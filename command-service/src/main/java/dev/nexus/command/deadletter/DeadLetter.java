package dev.nexus.command.deadletter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/// A record that was put aside.
///
/// @param position its own offset on `nexus.dead-letters`
/// @param at when it was put aside
/// @param replay the last time it was written again
public record DeadLetter(
    long position, Instant at, RecordDeadLettered letter, Optional<Replay> replay) {

  private static final String HEADERS_EXPECTED =
      "its headers are not a JSON array of {name, value}, the values in Base64";

  /// @param actor who had it done
  public record Replay(Instant at, String actor) {}

  public Origin origin() {
    return new Origin(letter.originTopic(), letter.originPartition(), letter.originOffset());
  }

  /// Why a letter that can be decoded is none all the same: nobody here wrote it. Empty for a good
  /// one.
  static Optional<String> wrong(RecordDeadLettered letter) {
    if (letter.originTopic().isEmpty()
        || letter.originPartition() < 0
        || letter.originOffset() < 0) {
      return Optional.of("it names no record");
    }
    try {
      JsonNode headers = CanonicalJson.read(letter.originHeaders().text());
      if (headers.isNull()) {
        return Optional.empty();
      }
      for (JsonNode header : headers) {
        if (!header.path("name").isTextual()) {
          return Optional.of(HEADERS_EXPECTED);
        }
        Base64.getDecoder().decode(header.path("value").asText(""));
      }
      return headers.isArray() ? Optional.empty() : Optional.of(HEADERS_EXPECTED);
    } catch (IllegalArgumentException e) {
      return Optional.of(HEADERS_EXPECTED);
    }
  }

  /// Whether the headers of the record say in which form of a CloudEvent it is: without them nobody
  /// can read it as one, however often it comes.
  boolean saysItsForm() {
    for (JsonNode header : CanonicalJson.read(letter.originHeaders().text())) {
      String name = header.path("name").asText().toLowerCase(Locale.ROOT);
      String value =
          new String(
              Base64.getDecoder().decode(header.path("value").asText("")), StandardCharsets.UTF_8);
      if (name.equals("ce_specversion")
          || (name.equals("content-type")
              && value.toLowerCase(Locale.ROOT).startsWith("application/cloudevents"))) {
        return true;
      }
    }
    return false;
  }

  /// Whether the letter has the beginning of the value only.
  public boolean truncated() {
    return letter.originValue().remaining() < letter.originBytes();
  }
}
