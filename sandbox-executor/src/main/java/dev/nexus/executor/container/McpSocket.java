package dev.nexus.executor.container;

import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.ToolGrants;
import dev.nexus.executor.code.Tools;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The second socket of an instance, by which the code in it calls tools: HTTP with MCP, as the
/// gateway has it. Each call has a path of its own that nobody guesses, so that what another has
/// left behind does not speak for it; without a call, or where its component was granted no tools,
/// messages are refused. The pass that they go on with never enters the container.
final class McpSocket implements AutoCloseable {
  static final String NAME = "mcp.sock";

  private static final String PATH = "/mcp/";
  private static final Logger LOG = LoggerFactory.getLogger(McpSocket.class);

  /// Connections at once, and messages of one call.
  private static final int MOST_CONNECTIONS = 8;

  static final int MOST_MESSAGES = 200;

  /// Of one message, unless its call has less left.
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration ACCEPT_AGAIN = Duration.ofMillis(200);

  private final ServerSocketChannel listener;
  private final Tools tools;
  private final Semaphore room = new Semaphore(MOST_CONNECTIONS);
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Turn turn;

  /// A call that has the instance, until its time is up.
  private record Turn(CodeCall call, String path, long end, AtomicInteger messages, Asked asked) {
    Duration left() {
      return Duration.ofNanos(end - System.nanoTime());
    }
  }

  private McpSocket(ServerSocketChannel listener, Tools tools) {
    this.listener = listener;
    this.tools = tools;
  }

  /// Listens in the directory of an instance.
  static McpSocket in(Path directory, Tools tools) throws IOException {
    var socket =
        new McpSocket(SocketDirectory.listen(directory.resolve(NAME), MOST_CONNECTIONS), tools);
    Thread.ofVirtual().name("mcp-" + directory.getFileName()).start(socket::accept);
    return socket;
  }

  /// Messages are of this call from now on, for as long as it may take; the path that it has.
  String begin(CodeCall call, Duration time) {
    String path = PATH + SocketDirectory.name();
    turn =
        new Turn(call, path, System.nanoTime() + time.toNanos(), new AtomicInteger(), new Asked());
    return path;
  }

  /// Messages are nobody's, and who is connected is not any more: no process of the next call is.
  void end() {
    turn = null;
    connections.forEach(McpSocket::closed);
  }

  private void accept() {
    try {
      while (true) {
        // Whoever connects beside as many as there may be waits for one of them to end.
        room.acquire();
        SocketChannel connection = accepted();
        connections.add(connection);
        Thread.ofVirtual().name("mcp-connection").start(() -> serve(connection));
      }
    } catch (ClosedChannelException e) {
      LOG.atDebug().setCause(e).log("a socket for tools has ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The next connection. What cannot be accepted now, as there are too many open files, may be
  /// later.
  private SocketChannel accepted() throws ClosedChannelException, InterruptedException {
    while (true) {
      try {
        return listener.accept();
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        LOG.atWarn().setCause(e).log("a connection for tools was not accepted");
        Thread.sleep(ACCEPT_AGAIN);
      }
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      var in = new BufferedInputStream(Channels.newInputStream(connection), 16 << 10);
      OutputStream out = Channels.newOutputStream(connection);
      while (answered(HttpMessages.request(in, Tools.LARGEST_MESSAGE), out)) {
        // Until the other side has no more.
      }
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("a connection for tools has ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(connection);
      room.release();
    }
  }

  /// Whether another request may follow.
  private boolean answered(HttpMessages.Request request, OutputStream out)
      throws IOException, InterruptedException {
    if (request.isTooLong()) {
      refuse(out, 413, "a message of at most " + Tools.LARGEST_MESSAGE + " bytes expected");
      return false;
    }
    Turn now = turn;
    if (now == null || !now.left().isPositive() || !request.path().equals(now.path())) {
      refuse(out, 404, "there is what the call that runs here has as its mcp_endpoint");
    } else if (!request.method().equals("POST")) {
      refuse(out, 405, "POST expected");
    } else {
      relay(now, request.body(), out);
    }
    return true;
  }

  private void relay(Turn now, byte[] message, OutputStream out)
      throws IOException, InterruptedException {
    Optional<String> refusal = ToolGrants.refusal(now.call().granted(), message);
    if (refusal.isPresent()) {
      refuse(out, 403, refusal.get());
    } else {
      if (now.messages().incrementAndGet() > MOST_MESSAGES) {
        refuse(out, 429, "at most " + MOST_MESSAGES + " messages of one call expected");
      } else {
        Duration left = now.left();
        Duration patience = left.compareTo(PATIENCE) < 0 ? left : PATIENCE;
        Tools.Reply reply = tools.send(now.call(), now.asked(), message, patience);
        HttpMessages.respond(out, reply.status(), reply.body());
      }
    }
  }

  private static void refuse(OutputStream out, int status, String detail) throws IOException {
    String problem = "{\"status\":" + status + ",\"detail\":\"" + detail + "\"}";
    HttpMessages.respond(out, status, problem.getBytes(StandardCharsets.UTF_8));
  }

  private static void closed(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("already gone");
    }
  }

  @Override
  public void close() {
    end();
    try {
      listener.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("already gone");
    }
  }
}
