package dev.nexus.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.function.IntSupplier;

/// Finds ports on the loopback address. A port is free when it was asked, which says nothing
/// about later: whoever takes it must be ready to ask again.
public final class LoopbackPorts {
  private static final int NEIGHBOURS = 200;

  private LoopbackPorts() {}

  /// `wanted` if it is free, else the next higher free one; 0 gives any free port.
  public static int freeFrom(int wanted) {
    if (wanted == 0) {
      return anyFree();
    }
    int last = Math.min(65535, wanted + NEIGHBOURS);
    for (int port = wanted; port <= last; port++) {
      if (isFree(port)) {
        return port;
      }
    }
    throw new EmbeddedStartException("no free port from " + wanted + " to " + last);
  }

  /// Any free port.
  public static int anyFree() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new EmbeddedStartException(
          "no free port on the loopback address: " + e.getMessage(), e);
    }
  }

  /// Any free port for who has chosen another one and does not listen there yet: until then the
  /// same one may be given again.
  static int anyFreeBut(int chosen) {
    return firstBut(chosen, LoopbackPorts::anyFree);
  }

  static int firstBut(int chosen, IntSupplier ports) {
    int port = ports.getAsInt();
    while (port == chosen) {
      port = ports.getAsInt();
    }
    return port;
  }

  /// Whether nothing listens on `port` of the loopback address.
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
