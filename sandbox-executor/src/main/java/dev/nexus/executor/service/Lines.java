package dev.nexus.executor.service;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Makes lines of the pieces in which a program's output comes. A longer line is cut off. Used by
/// one thread at a time.
final class Lines {
  private final int longest;
  private final Consumer<String> to;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean cut;

  /// @param longest bytes of a line
  Lines(int longest, Consumer<String> to) {
    this.longest = longest;
    this.to = to;
  }

  void take(byte[] bytes) {
    for (byte one : bytes) {
      if (one == '\n') {
        give();
      } else if (line.size() < longest) {
        line.write(one);
      } else {
        cut = true;
      }
    }
  }

  /// Gives what is there of a line that does not end.
  void end() {
    if (line.size() > 0) {
      give();
    }
  }

  private void give() {
    String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
    line.reset();
    boolean shortened = cut;
    cut = false;
    if (!text.isEmpty()) {
      to.accept(shortened ? text + "…" : text);
    }
  }
}
