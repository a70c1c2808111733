package dev.nexus.executor.container;

import java.nio.file.Path;

/// A container that waits for calls or answers one. What changes of it is guarded by its pool.
final class Instance {
  private final String id;
  private final String container;
  private final Path directory;
  private final RunnerChannel channel;
  private final McpSocket tools;
  private long calls;
  private long idleSince = System.nanoTime();

  Instance(String id, String container, Path directory, RunnerChannel channel, McpSocket tools) {
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

  RunnerChannel channel() {
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
