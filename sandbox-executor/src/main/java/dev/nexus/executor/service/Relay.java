package dev.nexus.executor.service;

import dev.nexus.executor.container.Containers.Site;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.EngineException;
import dev.nexus.executor.container.ServiceEngine.Place;
import dev.nexus.executor.container.ServiceEngine.Program;
import dev.nexus.executor.container.SocketDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way to the port of a service, whose network leads nowhere: a container of the platform in
/// that network, whose program connects to a socket of ours. It is begun when it is needed. Nobody
/// else sees the socket, so no service can pass for another.
final class Relay implements AutoCloseable {
  /// On its container, to tell it from that of the service.
  static final String LABEL = "dev.nexus.relay";

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
  private static final double CPUS = 1;
  private static final long MEMORY = 48L << 20;
  private static final Duration LOOK_EVERY = Duration.ofMillis(1);
  private static final Duration ASK_EVERY = Duration.ofMillis(500);
  private static final String PROGRAM = program();

  private final Site site;
  private final Path directory;
  private final ServerSocketChannel listener;
  private final String container;
  private volatile long usedAt = System.nanoTime();
  private volatile boolean closed;

  private Relay(Site site, Path directory, ServerSocketChannel listener, String container) {
    this.site = site;
    this.directory = directory;
    this.listener = listener;
    this.container = container;
  }

  private static String program() {
    try (InputStream file = Objects.requireNonNull(Relay.class.getResourceAsStream("relay.py"))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Throws `EngineException` when it does not come to be.
  ///
  /// @param name among instances
  /// @param labels of the service's container
  static Relay begin(Site site, String name, String service, int port, Map<String, String> labels)
      throws IOException {
    Path directory = site.sockets().ofInstance(name);
    ServerSocketChannel listener =
        SocketDirectory.listen(directory.resolve(SocketDirectory.SOCKET), 1);
    try {
      listener.configureBlocking(false);
      Map<String, String> own = new HashMap<>(labels);
      own.put(Engine.LABEL_INSTANCE, name);
      own.put(LABEL, "true");
      String container =
          site.engine()
              .begin(
                  new Program(
                      "nexus-" + name,
                      site.relay(),
                      List.of("python3", "-I", "-S", "-c", PROGRAM),
                      List.of(Integer.toString(port)),
                      Map.of(),
                      CPUS,
                      MEMORY,
                      name,
                      own,
                      new Place.Beside(service, directory)));
      return new Relay(site, directory, listener, container);
    } catch (IOException | RuntimeException e) {
      listener.close();
      SocketDirectory.removed(directory);
      throw e;
    }
  }

  /// A connection to the service's port. Throws `IOException` where nobody listens there, or where
  /// the way has ended: it is closed then.
  SocketChannel connect(Duration patience) throws IOException, InterruptedException {
    usedAt = System.nanoTime();
    long begun = System.nanoTime();
    long asked = begun;
    while (true) {
      SocketChannel channel = listener.accept();
      if (channel != null && opens(channel)) {
        return channel;
      }
      long now = System.nanoTime();
      if (now - begun > patience.toNanos()) {
        throw new IOException("the way to it did not open within " + patience.toMillis() + " ms");
      }
      // One that ended may have left a connection, which is found broken.
      if (channel != null || now - asked > ASK_EVERY.toNanos()) {
        asked = now;
        if (!site.engine().condition(container).running()) {
          close();
          throw new IOException("the way to it has ended");
        }
      }
      Thread.sleep(LOOK_EVERY);
    }
  }

  /// Whether it leads to the service; it is closed where the way behind it has gone. Throws
  /// `IOException` where the service does not listen.
  private static boolean opens(SocketChannel channel) throws IOException {
    ByteBuffer said = ByteBuffer.allocate(1);
    try {
      channel.configureBlocking(true);
      channel.write(ByteBuffer.wrap(new byte[] {'g'}));
      channel.read(said);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("a connection of a way that has ended");
    }
    if (said.position() > 0 && said.get(0) == '+') {
      return true;
    }
    channel.close();
    if (said.position() > 0) {
      throw new IOException("nothing listens at its port");
    }
    return false;
  }

  /// How long nobody has needed it.
  Duration idle() {
    return Duration.ofNanos(System.nanoTime() - usedAt);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
      site.engine().remove(container);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (EngineException e) {
      // Its label tells the next look, which knows no such instance.
    } finally {
      SocketDirectory.removed(directory);
    }
  }
}
