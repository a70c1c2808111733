package dev.nexus.command.deadletter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Excerpt;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.stream.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/// A record that was put aside, without its content: many are held at once, and each content can
/// have a MiB.
///
/// @param position its own offset on `nexus.dead-letters`
/// @param at when it was put aside
/// @param service that could not use it
/// @param reason why not; of a long one the beginning
/// @param bytes of its value
/// @param unpacked bytes of its key, headers and value, which is the least that a replay writes
/// @param saysItsForm whether its headers say in which form of a CloudEvent it is: without them
///     nobody can read it as one, however often it comes
/// @param lacks what of the record the letter does not have
/// @param replay the last time it was written again
public record DeadLetter(
    long position,
    Instant at,
    Origin origin,
    String service,
    String reason,
    long bytes,
    long unpacked,
    boolean saysItsForm,
    Lacks lacks,
    Optional<Replay> replay) {

  /// Characters of a reason, and of a service's name, that are held.
  static final int LONGEST_TEXT = 1_000;

  private static final int LONGEST_TOPIC = 249;
  private static final String HEADERS_EXPECTED =
      "its headers are not a JSON array of {name, value}, the values in Base64";

  /// What was left out of a letter for its size, and is nowhere else to be had.
  public enum Lacks {
    NOTHING,
    HEADERS,
    KEY,
    CONTENTS
  }

  /// @param actor who had it done
  public record Replay(Instant at, String actor) {}

  static DeadLetter of(long position, Envelope envelope, RecordDeadLettered letter) {
    long bytes = Math.max(letter.originBytes(), letter.originValue().remaining());
    return new DeadLetter(
        position,
        envelope.occurredAt(),
        new Origin(letter.originTopic(), letter.originPartition(), letter.originOffset()),
        beginning(letter.service()),
        beginning(letter.reason()),
        bytes,
        bytes + letter.originKey().remaining() + headerBytes(letter),
        saysItsForm(letter),
        lacks(letter),
        Optional.empty());
  }

  static String beginning(String text) {
    return Excerpt.of(text, LONGEST_TEXT);
  }

  DeadLetter with(Optional<Replay> known) {
    return new DeadLetter(
        position, at, origin, service, reason, bytes, unpacked, saysItsForm, lacks, known);
  }

  /// Why a letter that can be decoded is none all the same: nobody here wrote it. Empty when it is
  /// a good one.
  static Optional<String> wrong(RecordDeadLettered letter) {
    if (letter.originTopic().isEmpty()
        || letter.originTopic().length() > LONGEST_TOPIC
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

  private static boolean saysItsForm(RecordDeadLettered letter) {
    for (JsonNode header : CanonicalJson.read(letter.originHeaders().text())) {
      String name = header.path("name").asText().toLowerCase(Locale.ROOT);
      if (name.equals("ce_specversion")
          || (name.equals("content-type")
              && text(header).toLowerCase(Locale.ROOT).startsWith("application/cloudevents"))) {
        return true;
      }
    }
    return false;
  }

  private static long headerBytes(RecordDeadLettered letter) {
    long bytes = 0;
    for (JsonNode header : CanonicalJson.read(letter.originHeaders().text())) {
      bytes += header.path("name").asText().getBytes(StandardCharsets.UTF_8).length;
      bytes += Base64.getDecoder().decode(header.path("value").asText("")).length;
    }
    return bytes;
  }

  /// The most that it says of itself.
  private static Lacks lacks(RecordDeadLettered letter) {
    Lacks most = Lacks.NOTHING;
    for (JsonNode header : CanonicalJson.read(letter.originHeaders().text())) {
      if (header.path("name").asText().equals(DeadLetters.LEFT_OUT)) {
        Lacks said =
            switch (text(header)) {
              case DeadLetters.CONTENTS -> Lacks.CONTENTS;
              case DeadLetters.KEY -> Lacks.KEY;
              default -> Lacks.HEADERS;
            };
        most = said.compareTo(most) > 0 ? said : most;
      }
    }
    return most;
  }

  private static String text(JsonNode header) {
    return new String(
        Base64.getDecoder().decode(header.path("value").asText("")), StandardCharsets.UTF_8);
  }

  /// Whether a letter has the beginning of the value only.
  public static boolean truncated(RecordDeadLettered letter) {
    return letter.originValue().remaining() < letter.originBytes();
  }
}
