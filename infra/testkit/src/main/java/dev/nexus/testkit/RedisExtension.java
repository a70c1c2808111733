package dev.nexus.testkit;

import io.lettuce.core.RedisClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Gives a test class an empty Redis, the one real server of this JVM.
///
/// ```java
/// @RegisterExtension static final RedisExtension redis = RedisExtension.empty();
/// ```
public final class RedisExtension implements BeforeAllCallback, AfterAllCallback {
  private @Nullable RedisClient client;
  private String url = "";

  private RedisExtension() {}

  public static RedisExtension empty() {
    return new RedisExtension();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    url = SharedServers.of(context).redis().url();
    client = RedisClient.create(url);
    clear();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (client != null) {
      client.shutdown();
      client = null;
    }
  }

  /// For clients; holds the password.
  public String url() {
    return url;
  }

  public RedisClient client() {
    if (client == null) {
      throw new IllegalStateException("the test has not begun");
    }
    return client;
  }

  /// Deletes everything, as a wiped Redis would look.
  public void clear() {
    try (var connection = client().connect()) {
      connection.sync().flushall();
      connection.sync().scriptFlush();
    }
  }
}
