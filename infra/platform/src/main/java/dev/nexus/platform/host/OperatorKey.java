package dev.nexus.platform.host;

import dev.nexus.event.TenantId;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The key the command line works with: `cli.key` in the data directory, readable by its owner
/// only. Issued at the first start, and again when it has been lost, revoked or forgotten.
public final class OperatorKey {
  private static final String NAME = "cli.key";
  private static final String ACTOR = "service:standalone";
  private static final Duration LIFE = Duration.ofDays(3650);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private OperatorKey() {}

  /// The key of a data directory; empty when there is none to read.
  public static Optional<String> read(Path dataDirectory) {
    try {
      String text = Files.readString(dataDirectory.resolve(NAME)).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Sees to it that the file holds a key that the running platform accepts.
  public static void ensure(Path dataDirectory, ApiKeys keys, KeyRing ring) {
    boolean valid =
        read(dataDirectory)
            .map(ring::verify)
            .map(KeyRing.Verdict.Valid.class::isInstance)
            .orElse(false);
    if (valid) {
      return;
    }
    var issued =
        keys.issue(
            TenantId.DEFAULT,
            ACTOR,
            "command line of this installation",
            List.of(new Scope.Operator()),
            LIFE);
    write(dataDirectory.resolve(NAME), issued.key().reveal());
    ring.await(issued.key().keyId(), true, PATIENCE);
  }

  private static void write(Path file, String key) {
    try {
      Files.deleteIfExists(file);
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(file, key + "\n");
    } catch (IOException e) {
      throw new IllegalStateException("operator key cannot be written to " + file, e);
    }
  }
}
