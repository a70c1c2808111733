package dev.nexus.executor.wasm;

import dev.nexus.executor.pool.Alarm;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.WasmInterruptedException;

/// The host's side of one evaluation: what the guest is given and what it said. The guest can say
/// anything, so every text is bounded; the last answer counts.
final class GuestCall {
  static final ScopedValue<GuestCall> CURRENT = ScopedValue.newInstance();

  /// Jumps and calls of JavaScript between two polls.
  static final int STEPS_A_POLL = 10_000;

  private static final int TEXT_LIMIT = 2048;
  private static final int NOISE_LIMIT = 4096;

  /// What the guest answered with.
  enum Kind {
    RESULT,
    OVERSIZED,
    DEOPT,
    INVALID,
    ERROR
  }

  private final byte[] input;
  private final HostCalls host;
  private final int outputLimit;
  private final long stepLimit;
  private final ByteArrayOutputStream noise = new ByteArrayOutputStream();
  private @Nullable Kind kind;
  private String text = "";
  private long steps;
  private @Nullable Alarm alarm;
  private @Nullable ToolPipe pipe;

  /// @param stepLimit jumps and calls, of a language that counts them
  GuestCall(byte[] input, int outputLimit, long stepLimit, HostCalls host) {
    this.input = input;
    this.host = host;
    this.outputLimit = outputLimit;
    this.stepLimit = stepLimit;
  }

  /// A call to which nothing is granted.
  GuestCall(byte[] input, int outputLimit, long stepLimit) {
    this(input, outputLimit, stepLimit, HostCalls.NONE);
  }

  /// An evaluation that gets no input and gives no result.
  static GuestCall withoutInput(long stepLimit) {
    return new GuestCall(new byte[0], 0, stepLimit);
  }

  /// Counts on; whether the guest may go on.
  boolean goesOn() {
    steps += STEPS_A_POLL;
    return !isExhausted();
  }

  boolean isExhausted() {
    return steps > stepLimit;
  }

  byte[] input() {
    return input;
  }

  HostCalls host() {
    return host;
  }

  /// The alarm that ends this call is set.
  void ringsAt(Alarm set) {
    alarm = set;
  }

  ToolPipe toolPipe() {
    if (pipe == null) {
      pipe = new ToolPipe(this);
    }
    return pipe;
  }

  /// Calls a tool for the guest. A guest that is interrupted meanwhile ends as any other.
  byte[] tool(String name, String arguments) {
    try {
      return host.tool(name, arguments, Objects.requireNonNull(alarm));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WasmInterruptedException("interrupted as it called a tool");
    }
  }

  /// Takes an answer out of guest memory, as much of it as is allowed.
  void answer(Kind said, SnapshotMemory memory, int address, int length) {
    if (said != Kind.RESULT) {
      answer(said, utf8(memory.readBytes(address, Math.min(length, TEXT_LIMIT))));
    } else if (length <= outputLimit) {
      answer(Kind.RESULT, utf8(memory.readBytes(address, length)));
    } else {
      answer(Kind.OVERSIZED, length + " bytes");
    }
  }

  void answer(Kind said, String words) {
    kind = said;
    text = words;
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
