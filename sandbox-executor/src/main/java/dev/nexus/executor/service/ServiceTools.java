package dev.nexus.executor.service;

import dev.nexus.event.definition.Capability;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.container.Containers.Site;
import dev.nexus.executor.container.McpSocket;
import dev.nexus.executor.container.SocketDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/// The socket by which a service calls tools of its application, for as long as its container runs.
/// Each message goes on with a pass made for it, which the service never sees.
final class ServiceTools implements AutoCloseable {
  /// Where the service is told of it.
  static final String VARIABLE = "MCP_ENDPOINT";

  private final Path directory;
  private final McpSocket socket;
  private final String endpoint;

  private ServiceTools(Path directory, McpSocket socket, String endpoint) {
    this.directory = directory;
    this.socket = socket;
    this.endpoint = endpoint;
  }

  /// @param instance whose directory the socket is in
  static ServiceTools open(Site site, String instance, ServiceKey service, Set<Capability> granted)
      throws IOException {
    Path directory = site.sockets().ofInstance(instance);
    try {
      McpSocket socket = McpSocket.in(directory, site.tools());
      String endpoint =
          socket.begin(
              new Tools.Service(
                  service.tenant(), service.application(), service.service(), granted));
      return new ServiceTools(directory, socket, endpoint);
    } catch (IOException e) {
      SocketDirectory.removed(directory);
      throw e;
    }
  }

  /// Of this machine; its container sees it.
  Path directory() {
    return directory;
  }

  /// URL in its container.
  String endpoint() {
    return endpoint;
  }

  /// Takes no message any more.
  void end() {
    socket.end();
  }

  @Override
  public void close() {
    socket.close();
    SocketDirectory.removed(directory);
  }
}
