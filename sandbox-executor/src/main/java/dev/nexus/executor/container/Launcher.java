package dev.nexus.executor.container;

import dev.nexus.event.Excerpt;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.container.Engine.Condition;
import dev.nexus.executor.container.Engine.Wanted;
import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.HttpChannel;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Begins instances: a directory, a socket in it, a container that connects to it, and its first
/// answer. One connection is taken and the socket goes before any code of a tenant runs, so nobody
/// else can pass for the runner.
final class Launcher {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(2);
  private static final Duration ASK_EVERY = Duration.ofMillis(500);
  private static final int LARGEST_HEALTH = 4 << 10;
  private static final int MOST_WORDS = 1000;

  /// Exit code of what a signal 9 ended, which also stands for what is gone.
  private static final int KILLED = 137;

  private final Engine engine;
  private final SocketDirectory sockets;
  private final Tools tools;

  Launcher(Engine engine, SocketDirectory sockets, Tools tools) {
    this.engine = engine;
    this.sockets = sockets;
    this.tools = tools;
  }

  /// A new instance that answers. Throws `EngineException` when it does not come to be.
  Instance launch(String id, PoolKey pool) throws InterruptedException {
    Path directory;
    try {
      directory = sockets.ofInstance(id);
    } catch (IOException e) {
      throw unusable(e);
    }
    String container = null;
    HttpChannel channel = null;
    McpSocket mcp = null;
    try (ServerSocketChannel listener =
        SocketDirectory.listen(directory.resolve(SocketDirectory.SOCKET), 1)) {
      mcp = McpSocket.in(directory, tools);
      container = engine.begin(wanted(id, pool, directory));
      channel = new HttpChannel(connected(listener, container));
      Files.deleteIfExists(directory.resolve(SocketDirectory.SOCKET));
      Answer health = channel.ask(Instance.HEALTH, PATIENCE, LARGEST_HEALTH);
      if (health.status() != 200) {
        throw new IOException("GET /health is answered with " + health.status());
      }
      return new Instance(id, container, directory, channel, mcp);
    } catch (IOException e) {
      close(mcp);
      throw failed(pool, container, directory, channel, e);
    } catch (InterruptedException | RuntimeException e) {
      close(mcp);
      close(channel);
      discard(container, directory);
      throw e;
    }
  }

  private EngineException failed(
      PoolKey pool,
      @Nullable String container,
      Path directory,
      @Nullable HttpChannel channel,
      IOException cause) {
    close(channel);
    EngineException why;
    try {
      why = container == null ? unusable(cause) : silent(pool, container, cause);
    } catch (EngineException e) {
      why = e; // the engine went away, too
    }
    try {
      discard(container, directory);
    } catch (EngineException e) {
      why.addSuppressed(e); // its label tells the next round of the reconciliation
    }
    return why;
  }

  private static void close(@Nullable HttpChannel channel) {
    if (channel != null) {
      channel.close();
    }
  }

  private static void close(@Nullable McpSocket socket) {
    if (socket != null) {
      socket.close();
    }
  }

  private Wanted wanted(String id, PoolKey pool, Path directory) {
    return new Wanted(
        "nexus-" + id,
        pool.image(),
        directory,
        pool.home().definition().cpus(),
        pool.home().definition().memoryBytes(),
        Map.of(
            Engine.LABEL_BASE,
            sockets.id(),
            Engine.LABEL_EXECUTOR,
            sockets.executor(),
            Engine.LABEL_INSTANCE,
            id,
            Engine.LABEL_POOL,
            pool.home().tenant() + "/" + pool.home().text()));
  }

  /// The runner's connection. The container is looked at meanwhile: one that ends does not connect.
  private SocketChannel connected(ServerSocketChannel listener, String container)
      throws IOException, InterruptedException {
    listener.configureBlocking(false);
    long begun = System.nanoTime();
    long asked = begun;
    while (true) {
      SocketChannel connection = listener.accept();
      if (connection != null) {
        connection.configureBlocking(true);
        return connection;
      }
      long now = System.nanoTime();
      if (now - begun > PATIENCE.toNanos()) {
        throw new HttpChannel.LateException(PATIENCE);
      }
      if (now - asked > ASK_EVERY.toNanos()) {
        asked = now;
        if (!engine.condition(container).running()) {
          throw new IOException("it ended before it connected");
        }
      }
      Thread.sleep(LOOK_EVERY);
    }
  }

  private EngineException silent(PoolKey pool, String container, IOException cause) {
    Condition condition =
        cause instanceof HttpChannel.LateException
            ? engine.condition(container)
            : engine.ended(container);
    String state =
        condition.running()
            ? cause.getMessage()
            : "exit code "
                + condition.exitCode()
                + (condition.outOfMemory() ? ", out of memory" : "");
    String words = engine.lastWords(container);
    return new EngineException(
        classOf(condition),
        Excerpt.of(
            "a container of the image '"
                + pool.image()
                + "' does not answer as a runner does: "
                + state
                + (words.isEmpty() ? "" : ": " + words),
            MOST_WORDS),
        cause);
  }

  /// One that was killed says nothing about its image.
  private static FailureClass classOf(Condition condition) {
    if (condition.outOfMemory()) {
      return FailureClass.MEMORY;
    }
    return !condition.running() && condition.exitCode() == KILLED
        ? FailureClass.LOST
        : FailureClass.INVALID_DEFINITION;
  }

  private static EngineException unusable(IOException e) {
    return new EngineException(
        FailureClass.UNREACHABLE, "no socket for a container: " + e.getMessage(), e);
  }

  /// Ends what there is of an instance.
  void discard(@Nullable String container, Path directory) {
    if (container != null) {
      engine.remove(container);
    }
    SocketDirectory.removed(directory);
  }
}
