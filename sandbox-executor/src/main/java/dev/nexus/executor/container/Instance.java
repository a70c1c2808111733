package dev.nexus.executor.container;

import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.HttpChannel;
import dev.nexus.executor.http.Request;
import java.nio.file.Path;
import java.util.List;

/// A container that waits for calls or answers one. What changes of it is guarded by its pool.
final class Instance {
  static final Header HOST = new Header("Host", "sandbox");
  static final Request HEALTH = new Request("GET", "/health", List.of(HOST), new byte[0]);

  private final String id;
  private final String container;
  private final Path directory;
  private final HttpChannel channel;
  private final McpSocket tools;
  private long calls;
  private long idleSince = System.nanoTime();

  Instance(String id, String container, Path directory, HttpChannel channel, McpSocket tools) {
    this.id = id;
    this.container = container;
    this.directory = directory;
    this.channel = channel;
    this.tools = tools;
  }

  String id() {
    return id;
  }

  /// The engine's id of it.
  String container() {
    return container;
  }

  Path directory() {
    return directory;
  }

  HttpChannel channel() {
    return channel;
  }

  McpSocket tools() {
    return tools;
  }

  long calls() {
    return calls;
  }

  void called() {
    calls++;
  }

  /// `System.nanoTime()` when it last had something to do.
  long idleSince() {
    return idleSince;
  }

  void rests() {
    idleSince = System.nanoTime();
  }
}
