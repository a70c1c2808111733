package dev.nexus.standalone.verb;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Says how far a long command is, beside its answer: nothing in the first seconds, then a line now
/// and then, if it says something new.
final class Telling {
  private static final Duration SILENT = Duration.ofSeconds(2);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Terminal terminal;
  private final LongSupplier nanos;
  private long next;
  private String told = "";

  Telling(Terminal terminal) {
    this(terminal, System::nanoTime);
  }

  /// @param nanos time that passes, in nanoseconds
  Telling(Terminal terminal, LongSupplier nanos) {
    this.terminal = terminal;
    this.nanos = nanos;
    this.next = nanos.getAsLong() + SILENT.toNanos();
  }

  void tell(String line) {
    long now = nanos.getAsLong();
    if (now - next >= 0 && !line.equals(told)) {
      told = line;
      next = now + EVERY.toNanos();
      terminal.tell(line);
    }
  }
}
