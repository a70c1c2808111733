package dev.nexus.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A real Redis server beside this JVM, on a free loopback port, that only this data directory
/// knows the password of.
///
/// The server is a process of its own and survives kill -9 of the JVM. The next start on the same
/// directory finds it by the port and password it was given (`redis.conf`) and adopts it; another
/// Redis on the machine does not know the password and is left alone. Projections can be rebuilt
/// from the log at any time, so nothing is written to disk while it runs; a clean stop saves a
/// snapshot, which makes the next start quick.
public final class EmbeddedRedis implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final Duration START_PATIENCE = Duration.ofMinutes(1);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);
  private static final Duration WATCH_STEP = Duration.ofSeconds(1);
  private static final int ATTEMPTS = 5;
  private static final String EXECUTABLE = "redis-server";

  private final RedisAccess access;
  private final boolean adopted;
  private final Path home;
  private volatile boolean closed;

  private EmbeddedRedis(Path home, RedisAccess access, boolean adopted) {
    this.home = home;
    this.access = access;
    this.adopted = adopted;
    Thread.ofVirtual().name("redis-watch").start(this::watch);
  }

  /// Adopts the server that an earlier process left on `directory`, or starts a new one.
  ///
  /// @throws EmbeddedStartException when there is no Redis to start, or it does not start
  public static EmbeddedRedis start(Path directory) {
    Path home = directory.toAbsolutePath().normalize();
    Optional<RedisAccess> left = survivor(home);
    if (left.isPresent()) {
      LOG.atInfo().addKeyValue("port", left.get().port()).log("adopted the Redis left running");
      return new EmbeddedRedis(home, left.get(), true);
    }
    try {
      Files.createDirectories(home);
      for (int attempt = 1; ; attempt++) {
        RedisAccess access = RedisAccess.fresh(LoopbackPorts.anyFree());
        if (launch(home, access)) {
          return new EmbeddedRedis(home, access, false);
        }
        if (attempt == ATTEMPTS) {
          throw new EmbeddedStartException(
              "Redis did not start: see " + home.resolve("redis.log") + lastLine(home));
        }
      }
    } catch (IOException e) {
      throw new EmbeddedStartException("Redis cannot run in " + home + ": " + e, e);
    }
  }

  /// Ends the server that a killed process left on `directory`, if there is one.
  ///
  /// @return whether there was one
  public static boolean endSurvivor(Path directory) {
    Optional<RedisAccess> left = survivor(directory.toAbsolutePath().normalize());
    left.ifPresent(access -> access.shutDown(STOP_PATIENCE));
    return left.isPresent();
  }

  /// Address of the server that runs on `directory` now, with its password.
  public static Optional<String> urlOfRunning(Path directory) {
    return survivor(directory.toAbsolutePath().normalize()).map(RedisAccess::url);
  }

  /// Address, with its password, of the server that was started on `directory` last, whether it
  /// answers or not.
  public static Optional<String> urlOfStarted(Path directory) {
    return RedisAccess.read(directory.toAbsolutePath().normalize().resolve("redis.conf"))
        .map(RedisAccess::url);
  }

  private static Optional<RedisAccess> survivor(Path home) {
    return RedisAccess.read(home.resolve("redis.conf")).filter(RedisAccess::answers);
  }

  /// Runs the server in the background; it is its own session, so a Ctrl-C does not reach it.
  private static boolean launch(Path home, RedisAccess access) throws IOException {
    Path conf = home.resolve("redis.conf");
    writePrivately(conf, configuration(home, access));
    Process process = run(executable(home), home, conf);
    try {
      if (!process.waitFor(START_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          || process.exitValue() != 0) {
        process.destroyForcibly();
        return false;
      }
      return access.awaitAnswer(START_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedStartException("interrupted while Redis started", e);
    }
  }

  private static Process run(String executable, Path home, Path conf) throws IOException {
    try {
      return new ProcessBuilder(executable, conf.toString())
          .directory(home.toFile())
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectErrorStream(true)
          .start();
    } catch (IOException e) {
      throw new EmbeddedStartException(
          "no Redis: '"
              + executable
              + "' cannot be run ("
              + e.getMessage()
              + "): install redis-server 6.2 or newer, or set NEXUS_REDIS_URL",
          e);
    }
  }

  /// The server on the PATH, else the one in the embedded-redis library.
  private static String executable(Path home) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String place : path.split(java.io.File.pathSeparator, -1)) {
      Path candidate = Path.of(place.isEmpty() ? "." : place, EXECUTABLE);
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    return BundledRedis.executable(home);
  }

  private static String configuration(Path home, RedisAccess access) {
    return """
    # Written at every start of the server.
    bind 127.0.0.1
    port %d
    requirepass %s
    daemonize yes
    pidfile "%s"
    logfile "%s"
    dir "%s"
    save ""
    appendonly no
    databases 1
    tcp-keepalive 60
    """
        .formatted(
            access.port(),
            access.password(),
            home.resolve("redis.pid"),
            home.resolve("redis.log"),
            home);
  }

  private static void writePrivately(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, text);
  }

  private static String lastLine(Path home) {
    try {
      String log = Files.readString(home.resolve("redis.log"), StandardCharsets.UTF_8).strip();
      return ": " + log.substring(log.lastIndexOf('\n') + 1);
    } catch (IOException e) {
      return "";
    }
  }

  /// For clients; holds the password.
  public String url() {
    return access.url();
  }

  public int port() {
    return access.port();
  }

  /// Process id of the server that runs in a directory, whoever started it; empty where none does.
  /// It is nobody's child.
  public static Optional<Long> pidIn(Path directory) {
    return RedisAccess.read(directory.resolve("redis.conf")).flatMap(RedisAccess::processId);
  }

  /// Process id of the server; -1 while it does not answer.
  public long pid() {
    return access.processId().orElse(-1L);
  }

  /// Whether an earlier process of this data directory had started it.
  public boolean adopted() {
    return adopted;
  }

  /// Whether it answers now.
  public boolean healthy() {
    return access.answers();
  }

  /// Starts the server again, at the same address, when something else ended it. It comes back
  /// empty or as of its last snapshot, and its readers fold the log into it anew.
  private void watch() {
    while (!closed) {
      try {
        Thread.sleep(WATCH_STEP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      try {
        if (!access.answers()) {
          restart();
        }
      } catch (Throwable e) { // an Error too: nobody else would start it again
        LOG.atError().setCause(e).log("Redis is not there, and was not started again");
      }
    }
  }

  private synchronized void restart() {
    if (closed || access.awaitAnswer(WATCH_STEP)) {
      return;
    }
    LOG.atWarn().addKeyValue("port", port()).log("Redis has ended, starting it again");
    try {
      if (!launch(home, access)) {
        LOG.atError()
            .addKeyValue("log", home.resolve("redis.log"))
            .log("Redis did not start again");
      }
    } catch (IOException | EmbeddedStartException e) {
      LOG.atError().setCause(e).log("Redis did not start again");
    }
  }

  /// Saves a snapshot and ends the server.
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      access.shutDown(STOP_PATIENCE);
    }
  }
}
