package dev.nexus.bench;

import static java.util.Objects.requireNonNull;

import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.run.RunFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Everything in one JVM beside an embedded broker and Redis, as `./nexus up` starts it.
final class StandaloneSite implements Site {
  private volatile @Nullable Path data;
  private volatile @Nullable ChildPlatform platform;
  private boolean closed;

  /// Whoever closes this meanwhile waits until it is known what has begun.
  @Override
  public synchronized void start() throws IOException, InterruptedException {
    if (closed) {
      throw new IOException("nothing is begun any more");
    }
    Path directory = Files.createTempDirectory("nexus-bench");
    data = directory;
    platform = ChildPlatform.start(directory);
  }

  private ChildPlatform started() {
    ChildPlatform now = platform;
    if (now == null) {
      throw new IllegalStateException("not started");
    }
    return now;
  }

  @Override
  public URI base() {
    return URI.create(started().run().addresses().http());
  }

  @Override
  public String key() throws IOException {
    return started().operatorKey();
  }

  @Override
  public Map<String, String> kafka() {
    return Map.of("bootstrap.servers", started().run().addresses().kafka());
  }

  /// The JVM, and Redis, which is the only process that it starts.
  @Override
  public Map<String, Long> residentMb() throws IOException {
    long redis =
        redisOf(requireNonNull(data))
            .orElseThrow(() -> new IOException("the Redis of the platform does not answer"));
    return Map.of("jvm", started().residentMb(), "redis", ChildPlatform.residentBytes(redis) >> 20);
  }

  /// Process id of the Redis of a data directory, while it runs.
  static Optional<Long> redisOf(Path directory) {
    return EmbeddedRedis.pidIn(directory.resolve("redis"));
  }

  /// Nothing where the system does not tell when a process began.
  @Override
  public Map<String, Double> startSeconds() {
    RunFile run = started().run();
    return run.processStart() == 0
        ? Map.of()
        : Map.of("jvm", (run.readyAt().toEpochMilli() - run.processStart()) / 1e3);
  }

  @Override
  public synchronized void stop() throws IOException, InterruptedException {
    ChildPlatform running = platform;
    if (running != null) {
      running.close();
      platform = null;
    }
    Path kept = data;
    if (kept != null) {
      ChildPlatform.deleteTree(kept);
      data = null;
    }
  }

  @Override
  public synchronized void close() throws IOException, InterruptedException {
    closed = true;
    stop();
  }
}
