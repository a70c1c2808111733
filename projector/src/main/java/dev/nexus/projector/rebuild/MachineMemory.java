package dev.nexus.projector.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Memory that the machine of Redis can still give, where this process can know it.
public final class MachineMemory {
  private static final MachineMemory HERE =
      new MachineMemory(Optional.of(Path.of("/proc/meminfo")));
  private static final MachineMemory ELSEWHERE = new MachineMemory(Optional.empty());

  private final Optional<Path> file;

  private MachineMemory(Optional<Path> file) {
    this.file = file;
  }

  /// Of the machine that this process runs on.
  public static MachineMemory here() {
    return HERE;
  }

  /// Of a machine of which only what Redis says is known: all that Redis does not use counts as
  /// free there, whatever else runs beside it.
  public static MachineMemory elsewhere() {
    return ELSEWHERE;
  }

  /// As a file says, which has the form of `/proc/meminfo`.
  public static MachineMemory in(Path file) {
    return new MachineMemory(Optional.of(file));
  }

  /// Bytes; `otherwise` where nobody says how many.
  long available(long otherwise) {
    if (file.isEmpty()) {
      return otherwise;
    }
    try {
      return Files.readAllLines(file.get()).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
          .findFirst()
          .orElse(otherwise);
    } catch (IOException e) {
      return otherwise;
    }
  }
}
