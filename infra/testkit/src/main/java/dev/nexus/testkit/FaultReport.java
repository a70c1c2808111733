package dev.nexus.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import org.opentest4j.TestAbortedException;

/// How long it took after each fault until all was as before: printed, and kept in
/// `target/faults/NAME.txt`, which `./nexus test` shows at its end.
public final class FaultReport {
  private final Path file;

  public FaultReport(String name) throws IOException {
    file = Files.createDirectories(Path.of("target", "faults")).resolve(name + ".txt");
    Files.writeString(file, "");
  }

  /// @param recovery what was waited for, each with its time
  public void add(String fault, Duration lasted, String recovery, long seed) throws IOException {
    add(fault, lasted, recovery + "; seed " + seed);
  }

  /// Of a fault about which nothing is random.
  public void add(String fault, Duration lasted, String recovery) throws IOException {
    String line =
        String.format(
            Locale.ROOT, "%-32s lasted %5.1f s; %s%n", fault, lasted.toMillis() / 1e3, recovery);
    System.out.print(line);
    Files.writeString(file, line, StandardOpenOption.APPEND);
  }

  /// Ends the test, since what it needs is not here. Where the whole run shows what was measured
  /// it says so too; in CI that is a failure.
  public void leaveOut(String why) throws IOException {
    if ("true".equals(System.getenv("CI"))) {
      throw new IllegalStateException("CI must not leave this out: " + why);
    }
    Files.writeString(file, "LEFT OUT: " + why + System.lineSeparator());
    throw new TestAbortedException(why);
  }

  public static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1e3);
  }
}
