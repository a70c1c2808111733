package dev.nexus.executor.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The host's side of one evaluation: what the guest may ask for and what it said. The guest can
/// say anything, so every text is bounded; the last answer counts.
final class GuestCall {
  static final ScopedValue<GuestCall> CURRENT = ScopedValue.newInstance();
  private static final int TEXT_LIMIT = 2048;
  private static final int NOISE_LIMIT = 4096;

  /// What the guest answered with.
  enum Kind {
    RESULT,
    OVERSIZED,
    DEOPT,
    ERROR
  }

  private final byte[] input;
  private final int outputLimit;
  private final ByteArrayOutputStream noise = new ByteArrayOutputStream();
  private @Nullable Kind kind;
  private String text = "";

  GuestCall(byte[] input, int outputLimit) {
    this.input = input;
    this.outputLimit = outputLimit;
  }

  /// An evaluation that gets no input and whose answer is of no interest.
  static GuestCall withoutInput() {
    return new GuestCall(new byte[0], 0);
  }

  /// Answers the guest: the input for `input`, nothing for anything else.
  byte[] invoked(String name, SnapshotMemory memory, int pointer, int length) {
    switch (name) {
      case "input" -> {
        return input;
      }
      case "result" -> {
        boolean fits = length <= outputLimit;
        kind = fits ? Kind.RESULT : Kind.OVERSIZED;
        text = fits ? utf8(memory.readBytes(pointer, length)) : length + " bytes";
      }
      case "deopt" -> {
        kind = Kind.DEOPT;
        text = utf8(memory.readBytes(pointer, Math.min(length, TEXT_LIMIT)));
      }
      default -> {
        kind = Kind.ERROR;
        text = utf8(memory.readBytes(pointer, Math.min(length, TEXT_LIMIT)));
      }
    }
    return new byte[0];
  }

  /// Keeps the beginning of what the guest prints, for error texts.
  void printed(byte[] bytes) {
    noise.write(bytes, 0, Math.min(bytes.length, NOISE_LIMIT - noise.size()));
  }

  @Nullable Kind kind() {
    return kind;
  }

  String text() {
    return text;
  }

  String noise() {
    return noise.toString(StandardCharsets.UTF_8);
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
