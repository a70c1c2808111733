package dev.nexus.standalone.demo;

import java.io.PrintWriter;
import java.time.Duration;

/// What a person sees while the demonstration runs: lines that stay and, on a terminal, one line
/// that is written over; elsewhere that line is printed anew every few seconds.
final class Screen {
  private static final Duration PLAIN_EVERY = Duration.ofSeconds(5);
  private static final int WIDTH = 118;

  private final PrintWriter out;
  private final boolean rewrites;
  private boolean lineStands = false;
  private long nextPlain = System.nanoTime();

  /// @param rewrites whether `out` is a terminal that can write a line over
  Screen(PrintWriter out, boolean rewrites) {
    this.out = out;
    this.rewrites = rewrites;
  }

  /// A line that stays.
  synchronized void say(String line) {
    clear();
    out.println(line);
    out.flush();
  }

  /// The line that tells how things stand now.
  synchronized void progress(String line) {
    if (rewrites) {
      out.print("\r\u001B[2K" + (line.length() > WIDTH ? line.substring(0, WIDTH) : line));
      out.flush();
      lineStands = true;
    } else if (System.nanoTime() >= nextPlain) {
      nextPlain = System.nanoTime() + PLAIN_EVERY.toNanos();
      out.println(line);
      out.flush();
    }
  }

  private void clear() {
    if (lineStands) {
      out.print("\r\u001B[2K");
      lineStands = false;
    }
  }
}
