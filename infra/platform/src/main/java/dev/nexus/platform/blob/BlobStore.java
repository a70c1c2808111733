package dev.nexus.platform.blob;

import dev.nexus.event.TenantId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Files by digest, a directory a tenant: `TENANT/ab/abcd…`. A file is written beside its place,
/// synced and moved there, so that a name stands for a whole content or for none, also after power
/// loss. Several processes may use the same directory.
///
/// Its time of change says when a file was last asked for: what is put again is touched, so that a
/// collector that saw nobody name it does not take it from under the one who just did.
final class BlobStore {
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

  /// A file on its way to being deleted.
  private static final String DOOMED = ".doomed";

  /// A file that is being written; one that was left so is deleted by a sweep.
  static final String FRESH = ".fresh";

  private static final int TOUCHES = 5;

  private final Path root;

  BlobStore(Path root) {
    this.root = root;
  }

  /// Keeps bytes under their digest; gives how many bytes the directory grew by.
  long put(TenantId tenant, String digest, byte[] bytes, Instant now) {
    Path file = file(tenant, digest);
    try {
      for (int i = 0; i < TOUCHES; i++) {
        boolean there = touched(file, now);
        if (there && holds(file, bytes)) {
          return 0;
        }
        long before = there ? length(file) : 0;
        if (written(file, bytes, now)) {
          return bytes.length - before;
        }
      }
      throw new IOException("its name keeps appearing and vanishing");
    } catch (IOException e) {
      throw new UncheckedIOException("the payload store cannot keep " + file, e);
    }
  }

  private static boolean touched(Path file, Instant now) throws IOException {
    try {
      Files.setLastModifiedTime(file, FileTime.from(now));
      // Else it was doomed in between, and the collector may have looked before the touch.
      return Files.exists(file);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /// What is damaged, or cannot be read, counts for nothing: it is written anew.
  private static boolean holds(Path file, byte[] bytes) {
    try {
      return Arrays.equals(Files.readAllBytes(file), bytes);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean written(Path file, byte[] bytes, Instant now) throws IOException {
    Files.createDirectories(file.getParent());
    Path fresh = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + FRESH);
    try {
      try (FileChannel out =
          FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        var buffer = java.nio.ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
        directory.force(true);
      }
      return touched(file, now);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  Optional<byte[]> get(TenantId tenant, String digest) {
    Path file = file(tenant, digest);
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return doomed(file);
    } catch (IOException e) {
      throw new UncheckedIOException("the payload store cannot read " + file, e);
    }
  }

  /// A collector may hold it for a moment, and put it back.
  private static Optional<byte[]> doomed(Path file) {
    for (Path place : List.of(file.resolveSibling(file.getFileName() + DOOMED), file)) {
      try {
        return Optional.of(Files.readAllBytes(place));
      } catch (NoSuchFileException e) {
        continue;
      } catch (IOException e) {
        throw new UncheckedIOException("the payload store cannot read " + file, e);
      }
    }
    return Optional.empty();
  }

  /// Bytes of a tenant's files.
  long size(TenantId tenant) {
    return files(root.resolve(tenant.value())).mapToLong(BlobStore::length).sum();
  }

  /// Deletes what nobody names and nobody asked for since `before`; gives what was deleted.
  Swept sweep(Set<String> named, Instant before) {
    long files = 0;
    long bytes = 0;
    for (Path found : files(root).toList()) {
      Path file = takenUp(found, before);
      String name = String.valueOf(file.getFileName());
      if (NAME.matcher(name).matches() && !named.contains(name) && old(file, before)) {
        long length = length(file);
        if (removed(file, before)) {
          files++;
          bytes += length;
        }
      }
    }
    return new Swept(files, bytes);
  }

  /// @param files how many
  /// @param bytes of all of them together
  record Swept(long files, long bytes) {}

  /// What a process left that ended amid a write or a deletion; a sweep of its own is not under
  /// way, as there is one. Gives the place of the content.
  private static Path takenUp(Path file, Instant before) {
    String name = String.valueOf(file.getFileName());
    try {
      if (name.endsWith(DOOMED)) {
        Path place = file.resolveSibling(name.substring(0, name.length() - DOOMED.length()));
        restore(file, place);
        return place;
      }
      if (name.endsWith(FRESH) && old(file, before)) {
        Files.deleteIfExists(file);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("the payload store cannot tidy " + file, e);
    }
  }

  /// Takes it out of reach, looks again whether it was touched meanwhile, and only then deletes it.
  private static boolean removed(Path file, Instant before) {
    Path doomed = file.resolveSibling(file.getFileName() + DOOMED);
    try {
      Files.move(file, doomed, StandardCopyOption.ATOMIC_MOVE);
      if (old(doomed, before)) {
        Files.delete(doomed);
        return true;
      }
      restore(doomed, file);
      return false;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("the payload store cannot remove " + file, e);
    }
  }

  /// Whoever missed it may have written it anew: then there are two, equal.
  private static void restore(Path doomed, Path file) throws IOException {
    try {
      Files.createLink(file, doomed);
    } catch (FileAlreadyExistsException e) {
      Files.delete(doomed);
      return;
    }
    Files.delete(doomed);
  }

  private static boolean old(Path file, Instant before) {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(before);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("the payload store cannot look at " + file, e);
    }
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // gone meanwhile
    }
  }

  /// All files there are; what others write or remove meanwhile may be among them or not.
  private static Stream<Path> files(Path directory) {
    if (!Files.isDirectory(directory)) {
      return Stream.empty();
    }
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                found.add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("the payload store cannot be listed: " + directory, e);
    }
    return found.stream();
  }

  private Path file(TenantId tenant, String digest) {
    if (!NAME.matcher(digest).matches()) {
      throw new IllegalArgumentException("a SHA-256 in hexadecimal expected, found " + digest);
    }
    return root.resolve(tenant.value()).resolve(digest.substring(0, 2)).resolve(digest);
  }
}
