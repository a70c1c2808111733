package dev.nexus.standalone.verb;

import java.time.Duration;

/// Says how far a long command is, beside its answer: nothing in the first seconds, then a line now
/// and then.
final class Telling {
  private static final Duration SILENT = Duration.ofSeconds(2);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Terminal terminal;
  private long next;

  Telling(Terminal terminal) {
    this.terminal = terminal;
    this.next = System.nanoTime() + SILENT.toNanos();
  }

  void tell(String line) {
    long now = System.nanoTime();
    if (now - next >= 0) {
      next = now + EVERY.toNanos();
      terminal.tell(line);
    }
  }
}
