package dev.nexus.e2e;

import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.testkit.TcpRelay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A Redis behind a relay that can make it slow or silent, for a test class whose platform is
/// registered after it and so ends before it.
final class RelayedRedis implements BeforeAllCallback, AutoCloseable {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(RelayedRedis.class);

  private final Path directory;
  private final EmbeddedRedis redis;
  private final TcpRelay road;

  private RelayedRedis() {
    try {
      directory = Files.createTempDirectory("nexus-redis");
      redis = EmbeddedRedis.start(directory);
      road = TcpRelay.to(redis.port());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RelayedRedis start() {
    return new RelayedRedis();
  }

  /// For the platform: by way of the relay.
  String url() {
    return redis.url().replace(":" + redis.port(), ":" + road.port());
  }

  TcpRelay road() {
    return road;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(NAMESPACE).put(RelayedRedis.class, this);
  }

  @Override
  public void close() throws IOException {
    road.close();
    redis.close();
    ChildPlatform.deleteTree(directory);
  }
}
