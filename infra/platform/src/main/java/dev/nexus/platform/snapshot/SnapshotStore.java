package dev.nexus.platform.snapshot;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/// Snapshots as files in a directory that every process of the installation shares. A file is
/// written beside its place, synced and moved there, so a name stands for a whole file, also after
/// power loss. Its content: the number 0x4E585331, then entries of a key and a value, each with its
/// length before it, then -1; all of it compressed with gzip.
public final class SnapshotStore {
  private static final int MAGIC = 0x4E585331;
  private static final int END = -1;
  private static final int BUFFER = 1 << 16;
  private static final String SUFFIX = ".snapshot";
  private static final String FRESH = ".fresh";

  private final Path directory;

  public SnapshotStore(Path directory) {
    this.directory = directory;
  }

  /// Where the files are.
  public Path directory() {
    return directory;
  }

  /// @param name of the file in the directory
  /// @param bytes of the file
  public record Stored(String name, String sha256, long bytes, long entries) {}

  /// Takes one entry after the other.
  @FunctionalInterface
  public interface Entries {
    void put(byte[] key, byte[] value);
  }

  /// Writes a file of what `content` puts into it. Its name is `name` and a unique end, so that two
  /// processes never write the same. Throws `UncheckedIOException` when the disk does not take it:
  /// then there is no file.
  public Stored write(String name, Consumer<Entries> content) {
    String unique = name + "-" + UUID.randomUUID() + SUFFIX;
    Path fresh = directory.resolve(unique + FRESH);
    try {
      Files.createDirectories(directory);
      try (FileChannel channel =
          FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        var digest = new DigestOutputStream(Channels.newOutputStream(channel), sha256());
        long entries = write(digest, content);
        channel.force(true);
        long bytes = channel.size();
        Files.move(fresh, directory.resolve(unique), StandardCopyOption.ATOMIC_MOVE);
        sync(directory);
        return new Stored(
            unique, HexFormat.of().formatHex(digest.getMessageDigest().digest()), bytes, entries);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException | UncheckedIOException e) {
      IOException cause = e instanceof UncheckedIOException u ? u.getCause() : (IOException) e;
      throw new UncheckedIOException("a snapshot cannot be written to " + directory, cause);
    }
  }

  private static long write(OutputStream file, Consumer<Entries> content) throws IOException {
    long[] entries = {0};
    var out = new DataOutputStream(new BufferedOutputStream(new FastGzip(file), BUFFER));
    out.writeInt(MAGIC);
    content.accept(
        (key, value) -> {
          try {
            out.writeInt(key.length);
            out.write(key);
            out.writeInt(value.length);
            out.write(value);
            entries[0]++;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    out.writeInt(END);
    out.close();
    return entries[0];
  }

  /// Half the size of fast compression takes five times as long, and a snapshot is read once at
  /// most.
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(Deflater.BEST_SPEED);
    }

    @Override
    public void close() throws IOException {
      try {
        finish(); // the file itself stays open: it must be synced yet
        out.flush();
      } finally {
        def.end();
      }
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Whether the file is there, has the digest it was written with, and is of the form that this
  /// version reads.
  public boolean isWhole(String name, String sha256) {
    MessageDigest digest = sha256();
    try (InputStream file = Files.newInputStream(path(name))) {
      new DigestInputStream(file, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest()).equals(sha256) && isOfThisForm(name);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("the snapshot " + path(name) + " cannot be read", e);
    }
  }

  private boolean isOfThisForm(String name) throws IOException {
    try (var in = new DataInputStream(new GZIPInputStream(Files.newInputStream(path(name))))) {
      return in.readInt() == MAGIC;
    } catch (ZipException | EOFException e) {
      return false;
    }
  }

  /// Hands every entry over, in the order in which they were written. The file should have been
  /// found whole before.
  public void read(String name, Entries entries) {
    try (var in =
        new DataInputStream(
            new BufferedInputStream(
                new GZIPInputStream(Files.newInputStream(path(name)), BUFFER), BUFFER))) {
      if (in.readInt() != MAGIC) {
        throw new IOException("no snapshot of Nexus");
      }
      for (int length = in.readInt(); length != END; length = in.readInt()) {
        byte[] key = in.readNBytes(length);
        entries.put(key, in.readNBytes(in.readInt()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the snapshot " + path(name) + " cannot be read", e);
    }
  }

  /// Whether there is a file of this name, whole or not.
  public boolean has(String name) {
    return Files.isRegularFile(path(name));
  }

  /// Names of all snapshots there are, announced or not.
  public Set<String> names() {
    if (!Files.isDirectory(directory)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(SUFFIX))
          .collect(java.util.stream.Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException("the snapshots in " + directory + " cannot be listed", e);
    }
  }

  /// Names of snapshots that were written before a time, and of what killed processes left
  /// half-written before it.
  Set<String> namesBefore(Instant time) {
    if (!Files.isDirectory(directory)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      Set<String> names = new HashSet<>();
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if ((name.endsWith(SUFFIX) || name.endsWith(FRESH)) && old(file, time)) {
          names.add(name);
        }
      }
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException("the snapshots in " + directory + " cannot be listed", e);
    }
  }

  /// Deletes these files, where they are still there.
  void delete(Set<String> names) {
    try {
      for (String name : names) {
        Files.deleteIfExists(path(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("old snapshots in " + directory + " cannot be deleted", e);
    }
  }

  private static boolean old(Path file, Instant before) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(before);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /// Whether a file of this directory may be called so.
  static boolean isName(String name) {
    return name.endsWith(SUFFIX) && name.matches("[A-Za-z0-9._-]+");
  }

  private Path path(String name) {
    Path file = directory.resolve(name);
    if (!directory.equals(file.getParent())) {
      throw new IllegalArgumentException("the name of a file expected, found '" + name + "'");
    }
    return file;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is part of every Java runtime", e);
    }
  }
}
