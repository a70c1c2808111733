package dev.nexus.executor.container;

import dev.nexus.event.task.FailureClass;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the sockets of an executor's instances are: a directory of its own, with a lock that it
/// holds for as long as it lives. Whoever gets the lock of another one knows that its executor has
/// died, by whatever, and that its containers have nobody. Only this user may enter; a container
/// sees the directory of its instance. Paths are short, as a socket's may have 108 characters.
public final class SocketDirectory implements AutoCloseable {
  public static final String SOCKET = "execute.sock";

  private static final Logger LOG = LoggerFactory.getLogger(SocketDirectory.class);
  private static final String LOCK = "lock";
  private static final String ID = "id";
  private static final String TURN = "turn";
  private static final String FRESH = ".new";
  private static final Duration YOUNG = Duration.ofMinutes(2);
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}");
  private static final String OURS = "rwx------";
  private static final SecureRandom RANDOM = new SecureRandom();

  /// Directories of this process, whose locks are not tried: to close a file once more would end
  /// the lock that is held on it.
  private static final Set<Path> OF_THIS_PROCESS = ConcurrentHashMap.newKeySet();

  /// Bases whose turn this process has.
  private static final Set<Path> TURNS = ConcurrentHashMap.newKeySet();

  private final Path base;
  private final String id;
  private final Path own;
  private final FileChannel lockFile;
  private final FileLock lock;

  private SocketDirectory(Path base, String id, Path own, FileChannel lockFile, FileLock lock) {
    this.base = base;
    this.id = id;
    this.own = own;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /// A new directory below `base`, which is made where it is not there, and must be this user's
  /// alone where it is.
  static SocketDirectory in(Path base) {
    try {
      made(base);
      String id = idOf(base);
      Path own = base.resolve(name());
      Path fresh = base.resolve(own.getFileName() + FRESH);
      Files.createDirectory(fresh, asOurs());
      FileChannel file =
          FileChannel.open(
              fresh.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      FileLock lock = file.lock();
      OF_THIS_PROCESS.add(own);
      // Only now by its name: nobody finds one that is not locked yet.
      Files.move(fresh, own);
      return new SocketDirectory(base, id, own, file, lock);
    } catch (IOException e) {
      throw new EngineException(
          FailureClass.UNREACHABLE,
          "no sockets for containers below "
              + base
              + ": "
              + e.getMessage()
              + "; remove it, or name another directory by NEXUS_SANDBOX_DIR",
          e);
    }
  }

  private static FileAttribute<?> asOurs() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OURS));
  }

  /// What is there already may be somebody else's, or a link of theirs: it is looked at and never
  /// changed.
  private static void made(Path base) throws IOException {
    if (!Files.exists(base, LinkOption.NOFOLLOW_LINKS)) {
      Path parent = base.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      try {
        Files.createDirectory(base, asOurs());
      } catch (FileAlreadyExistsException e) {
        // Another executor of this user was faster, or it is looked at below.
      }
    }
    var found = Files.readAttributes(base, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isDirectory()
        || !found.permissions().equals(PosixFilePermissions.fromString(OURS))
        || !Files.isWritable(base)) {
      throw new IOException(
          "a directory that only this user may enter ("
              + OURS
              + ") expected, found "
              + PosixFilePermissions.toString(found.permissions())
              + " of "
              + found.owner().getName());
    }
    Path probe = Files.createTempFile(base, "owner", FRESH);
    try {
      if (!Files.getOwner(probe).equals(found.owner())) {
        throw new IOException("it belongs to " + found.owner().getName());
      }
    } finally {
      Files.delete(probe);
    }
  }

  /// What containers of this base are known by: two directories may have the same path where
  /// processes see different files.
  private static String idOf(Path base) throws IOException {
    Path file = base.resolve(ID);
    if (!Files.exists(file)) {
      Path fresh = base.resolve(name() + FRESH);
      Files.writeString(fresh, name());
      try {
        Files.createLink(file, fresh);
      } catch (FileAlreadyExistsException e) {
        // Another executor was faster, and its id holds.
      } finally {
        Files.delete(fresh);
      }
    }
    return Files.readString(file).strip();
  }

  /// A name that nobody guesses.
  public static String name() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// Names the base among those of other users and machines.
  public String id() {
    return id;
  }

  /// The name of this executor among those that share the base.
  public String executor() {
    return name(own);
  }

  private static String name(Path directory) {
    return directory.getFileName().toString();
  }

  /// Directory of an instance, which its container sees.
  public Path ofInstance(String instance) throws IOException {
    Path directory = own.resolve(instance);
    Files.createDirectory(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return directory;
  }

  /// Listens in an instance's directory, for anybody who sees it.
  ///
  /// @param waiting connections that may wait to be taken
  public static ServerSocketChannel listen(Path socket, int waiting) throws IOException {
    var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket), waiting);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
      return listener;
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  /// Whether executors have been here before, which may have left containers.
  static boolean hasOthers(Path base) {
    try (Stream<Path> directories = Files.list(base)) {
      return directories.anyMatch(SocketDirectory::isOfAnExecutor);
    } catch (IOException e) {
      return false; // nobody has been here
    }
  }

  private static boolean isOfAnExecutor(Path path) {
    return NAME.matcher(name(path)).matches() && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /// Names of the executors that live, this one included; directories of the others are removed.
  public List<String> living() {
    touch();
    try (Stream<Path> directories = Files.list(base)) {
      return directories
          .filter(SocketDirectory::isOfAnExecutor)
          .filter(SocketDirectory::lives)
          .map(SocketDirectory::name)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What one executor at a time has, until it is closed or the executor dies; empty while another
  /// one has it.
  Optional<Closeable> turn() throws IOException {
    if (!TURNS.add(base)) {
      return Optional.empty();
    }
    FileChannel file = null;
    boolean got = false;
    try {
      file =
          FileChannel.open(base.resolve(TURN), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      got = file.tryLock() != null;
    } finally {
      if (!got) {
        given(file);
      }
    }
    FileChannel turn = file;
    return got ? Optional.of(() -> given(turn)) : Optional.empty();
  }

  private void given(@Nullable FileChannel turn) throws IOException {
    try (turn) {
      LOG.atTrace().addKeyValue("base", base).log("the turn goes to another");
    } finally {
      TURNS.remove(base);
    }
  }

  /// What cleans up old files is to see that this is none.
  private void touch() {
    FileTime now = FileTime.from(Instant.now());
    for (Path path : List.of(base.resolve(ID), own, base)) {
      try {
        Files.setLastModifiedTime(path, now);
      } catch (IOException e) {
        LOG.atWarn().setCause(e).addKeyValue("path", path).log("cannot be kept young");
      }
    }
    try {
      // By the file that is open: to set the time of its path opens it, and closing that file
      // ends the lock.
      lockFile.write(ByteBuffer.allocate(1), 0);
    } catch (IOException e) {
      LOG.atWarn().setCause(e).addKeyValue("path", own).log("cannot be kept young");
    }
  }

  private static boolean isOld(Path directory) {
    try {
      Instant touched = Files.getLastModifiedTime(directory).toInstant();
      return touched.isBefore(Instant.now().minus(YOUNG));
    } catch (IOException e) {
      return true; // it is gone
    }
  }

  private static boolean lives(Path directory) {
    if (OF_THIS_PROCESS.contains(directory)) {
      return true;
    }
    try (FileChannel file =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      FileLock got = file.tryLock();
      if (got == null) {
        return true;
      }
      removed(directory);
      return false;
    } catch (NoSuchFileException e) {
      return !isOld(directory); // who lives keeps it young, though somebody removed its lock
    } catch (IOException e) {
      return true; // what cannot be told is left alone
    }
  }

  /// Removes an instance's directory.
  public static void removed(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      // Somebody else was faster.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      removed(own);
      lock.release();
      lockFile.close();
      OF_THIS_PROCESS.remove(own);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
