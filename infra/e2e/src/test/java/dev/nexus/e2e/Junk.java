package dev.nexus.e2e;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/// What is no event, in several ways.
enum Junk {
  TEXT,
  NOTHING,
  BYTES,
  UNKNOWN_SCHEMA,
  CUT_SHORT;

  static Junk any(Random random) {
    return values()[random.nextInt(values().length)];
  }

  /// Value of a record.
  byte[] value(Random random) {
    byte[] bytes = new byte[random.nextInt(5, 200)];
    random.nextBytes(bytes);
    return switch (this) {
      case TEXT -> "{\"no\": \"event\"}".getBytes(StandardCharsets.UTF_8);
      case NOTHING -> new byte[0];
      case BYTES -> {
        bytes[0] = 7; // Confluent's format begins with 0
        yield bytes;
      }
      case UNKNOWN_SCHEMA -> {
        bytes[0] = 0;
        bytes[1] = 127;
        yield bytes;
      }
      case CUT_SHORT -> new byte[] {0, 0, 0};
    };
  }
}
