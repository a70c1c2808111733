package dev.nexus.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/// The Redis server inside the embedded-redis library, for machines that have none installed.
final class BundledRedis {
  private BundledRedis() {}

  /// Unpacks the server of this system into `home` and says where it is.
  static String executable(Path home) {
    Path place = home.resolve("bin");
    try {
      Files.createDirectories(place);
      return ExecutableProvider.newJarResourceProvider(place.toFile()).get().getAbsolutePath();
    } catch (IOException | RuntimeException e) {
      throw new EmbeddedStartException(
          "no Redis: there is no redis-server on the PATH and none for this system in the library ("
              + e.getMessage()
              + "): install redis-server 6.2 or newer, or set NEXUS_REDIS_URL",
          e);
    }
  }
}
