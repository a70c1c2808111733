package dev.nexus.testkit;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The broker and the Redis of this JVM: started when first asked for, ended after the last test.
final class SharedServers implements AutoCloseable {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedServers.class);

  private final Path directory;
  private @Nullable EmbeddedBroker broker;
  private @Nullable EmbeddedRedis redis;
  private @Nullable Admin admin;

  private SharedServers() {
    try {
      directory = Files.createTempDirectory("nexus-test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SharedServers of(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(SharedServers.class, key -> new SharedServers(), SharedServers.class);
  }

  synchronized EmbeddedBroker broker() {
    if (broker == null) {
      broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    }
    return broker;
  }

  synchronized Admin admin() {
    if (admin == null) {
      admin = Admin.create(Map.of("bootstrap.servers", broker().bootstrapServers()));
    }
    return admin;
  }

  synchronized EmbeddedRedis redis() {
    if (redis == null) {
      redis = EmbeddedRedis.start(directory.resolve("redis"));
    }
    return redis;
  }

  @Override
  public synchronized void close() throws IOException {
    if (redis != null) {
      redis.close();
    }
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
    if (broker != null) {
      broker.close();
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
