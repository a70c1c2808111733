package dev.nexus.standalone.run;

import dev.nexus.platform.service.CannotGoOnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Why the platform did not start the last time, kept in its data directory until it does, for
/// whoever looks later: the brokers that could be asked may be the ones that did not stay.
///
/// @param problem one line
/// @param mend what a person can do, one line
public record FailedStart(String problem, String mend) {
  private static final String FILE = "failed-start.txt";

  /// What a failure says, in lines.
  public static FailedStart of(Throwable failure, String inWords) {
    return failure instanceof CannotGoOnException refusal
        ? new FailedStart(oneLine(refusal.problem()), oneLine(refusal.mend()))
        : new FailedStart(
            oneLine(inWords), "mend that and start again; nexus.log has the whole of it");
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  /// Keeps it; what cannot be kept is only not told later.
  public void write(Path data) {
    try {
      if (Files.isDirectory(data)) {
        Files.write(data.resolve(FILE), List.of(problem, mend));
      }
    } catch (IOException e) {
      // The disk may be what is wrong; the person was told.
    }
  }

  public static Optional<FailedStart> read(Path data) {
    try {
      List<String> lines = Files.readAllLines(data.resolve(FILE));
      return lines.size() < 2
          ? Optional.empty()
          : Optional.of(new FailedStart(lines.get(0), lines.get(1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Forgets it.
  public static void delete(Path data) {
    try {
      Files.deleteIfExists(data.resolve(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
