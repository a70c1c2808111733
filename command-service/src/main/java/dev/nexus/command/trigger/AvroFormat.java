package dev.nexus.command.trigger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.trigger.OutsideEvent.MalformedException;
import dev.nexus.event.definition.CanonicalJson;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.Supplier;

/// CloudEvents in the Avro format of their specification, 1.0. Its schema is fixed, so a producer
/// needs no registry. Read by hand, since anybody may write here: nothing is allocated because a
/// few bytes say that a gigabyte follows.
final class AvroFormat {
  static final String CONTENT_TYPE = "application/cloudevents+avro";

  /// What is nested deeper is nobody's event.
  private static final int DEEPEST = 64;

  /// An empty object is one byte here and a hundred in memory: what a record may have unpacked
  /// could fill the heap before anything else is known of it. As JSON it needs three bytes.
  static final int MOST_VALUES = 1_000_000;

  /// The first byte of what serializers of schema registries write, and how long that frame is: an
  /// id of four bytes stands behind it. No event begins so: it would have no attributes.
  private static final byte REGISTRY_MAGIC = 0;

  private static final int REGISTRY_FRAME = 5;

  /// Beyond this a double is no exact integer.
  private static final double LARGEST_INTEGER = 1L << 53;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ByteBuffer in;
  private int depth;
  private int values;

  private AvroFormat(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// @param takenAt when the log took it, for an event that says no time
  static OutsideEvent read(byte[] bytes, Instant takenAt) throws MalformedException {
    try {
      var reader = new AvroFormat(bytes);
      ObjectNode attributes = reader.map(reader::attribute);
      JsonNode data = reader.data(OutsideEvent.isJson(attributes.path("datacontenttype").asText()));
      if (reader.in.hasRemaining()) {
        throw new IllegalArgumentException(reader.in.remaining() + " bytes too many");
      }
      return new OutsideEvent(
          required(attributes, "source"),
          required(attributes, "id"),
          required(attributes, "type"),
          attributes.path("subject").asText(""),
          time(attributes.path("time").asText(""), takenAt),
          data,
          attributes.path("traceparent").asText(""));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      String why = e instanceof BufferUnderflowException ? "it ends too early" : e.getMessage();
      throw new MalformedException(
          "a CloudEvent 1.0 in the Avro format of CloudEvents expected"
              + (isFramed(bytes) ? ", as plain Avro binary: " + frame(bytes) : ": " + why));
    }
  }

  private static boolean isFramed(byte[] bytes) {
    return bytes.length > REGISTRY_FRAME && bytes[0] == REGISTRY_MAGIC;
  }

  /// What would be wrong with the bytes read as an event helps nobody who wrote a frame.
  private static String frame(byte[] bytes) {
    return "it begins like the frame of a schema registry (magic byte 0 and a four-byte id, here "
        + Integer.toUnsignedString(ByteBuffer.wrap(bytes).getInt(1))
        + "), as KafkaAvroSerializer writes it: send the event without it";
  }

  private static Instant time(String text, Instant takenAt) {
    try {
      return text.isEmpty() ? takenAt : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "a time such as 2026-01-31T12:00:00Z expected, found '" + text + "'", e);
    }
  }

  private static String required(ObjectNode attributes, String name) {
    String version = attributes.path("specversion").asText();
    if (!version.equals("1.0")) {
      throw new IllegalArgumentException("specversion 1.0 expected, found '" + version + "'");
    }
    String value = attributes.path(name).asText("");
    if (value.isEmpty()) {
      throw new IllegalArgumentException("the attribute " + name + " is missing");
    }
    return value;
  }

  private JsonNode attribute() {
    int kind = kind();
    return switch (kind) {
      case 0 -> JSON.nullNode();
      case 1 -> bool();
      case 2 -> JSON.numberNode(number());
      case 3 -> JSON.textNode(text());
      case 4 -> JSON.binaryNode(bytes());
      default -> throw unknown(kind, "attribute");
    };
  }

  private JsonNode data(boolean json) {
    int kind = kind();
    if (!json && kind != 1) {
      throw new IllegalArgumentException("data of type application/json expected");
    }
    return switch (kind) {
      case 0 -> CanonicalJson.read(new String(bytes(), StandardCharsets.UTF_8));
      case 1 -> JSON.nullNode();
      case 2 -> bool();
      case 3 -> map(this::member);
      case 4 -> array();
      case 5 -> real();
      case 6 -> JSON.textNode(text());
      default -> throw unknown(kind, "data");
    };
  }

  /// A value of the outermost object.
  private JsonNode member() {
    int kind = kind();
    return switch (kind) {
      case 0 -> JSON.nullNode();
      case 1 -> bool();
      case 2 -> object();
      case 3 -> real();
      case 4 -> JSON.textNode(text());
      default -> throw unknown(kind, "member");
    };
  }

  /// The record `CloudEventData`: one map.
  private ObjectNode object() {
    return map(this::nested);
  }

  private JsonNode nested() {
    int kind = kind();
    return switch (kind) {
      case 0 -> JSON.nullNode();
      case 1 -> bool();
      case 2 -> map(this::object);
      case 3 -> array();
      case 4 -> real();
      case 5 -> JSON.textNode(text());
      default -> throw unknown(kind, "member");
    };
  }

  private ObjectNode map(Supplier<JsonNode> value) {
    ObjectNode map = JSON.objectNode();
    blocks(() -> map.set(text(), value.get()));
    return map;
  }

  private ArrayNode array() {
    ArrayNode array = JSON.arrayNode();
    blocks(() -> array.add(object()));
    return array;
  }

  /// Items come in blocks until an empty one; a negative count is followed by the block's size.
  private void blocks(Runnable item) {
    if (++depth > DEEPEST) {
      throw new IllegalArgumentException("nested deeper than " + DEEPEST);
    }
    for (long count = number(); count != 0; count = number()) {
      if (count < 0) {
        number();
      }
      for (long left = Math.abs(count); left > 0; left--) {
        if (++values > MOST_VALUES) {
          throw new IllegalArgumentException("more than " + MOST_VALUES + " values: send a link");
        }
        item.run();
      }
    }
    depth--;
  }

  private JsonNode bool() {
    return JSON.booleanNode(in.get() != 0);
  }

  private JsonNode real() {
    double value = in.getDouble();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("a number expected, found " + value);
    }
    return value == Math.rint(value) && Math.abs(value) < LARGEST_INTEGER
        ? JSON.numberNode((long) value)
        : JSON.numberNode(value);
  }

  private String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  private byte[] bytes() {
    long length = number();
    if (length < 0) {
      throw new IllegalArgumentException("a length expected, found " + length);
    }
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return bytes;
  }

  /// A zigzag number of variable length.
  private long number() {
    long raw = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = in.get();
      raw |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new IllegalArgumentException("a number of more than ten bytes");
  }

  /// Which type of a union a value has.
  private int kind() {
    return (int) Math.clamp(number(), -1, Byte.MAX_VALUE);
  }

  private static IllegalArgumentException unknown(int kind, String where) {
    return new IllegalArgumentException("no " + where + " has the type number " + kind);
  }
}
