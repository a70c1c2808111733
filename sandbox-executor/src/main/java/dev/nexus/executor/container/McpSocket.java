package dev.nexus.executor.container;

import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.ToolGrants;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.http.MessageReader;
import dev.nexus.executor.http.MessageReader.Incoming;
import dev.nexus.executor.http.MessageWriter;
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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The second socket of an instance, by which the code in it calls tools: HTTP with MCP, as the
/// gateway has it. Each call has a path of its own that nobody guesses, so that what another has
/// left behind does not speak for it; without a call, or where its component was granted no tools,
/// messages are refused. The pass that they go on with never enters the container.
public final class McpSocket implements AutoCloseable {
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

  /// Who has the socket.
  private interface Turn {
    String path();

    boolean isOver();

    Tools.Reply reply(byte[] message) throws InterruptedException;
  }

  /// A call that has the instance, until its time is up.
  private record CallTurn(
      CodeCall call, String path, long end, AtomicInteger messages, Asked asked, Tools tools)
      implements Turn {
    private Duration left() {
      return Duration.ofNanos(end - System.nanoTime());
    }

    @Override
    public boolean isOver() {
      return !left().isPositive();
    }

    @Override
    public Tools.Reply reply(byte[] message) throws InterruptedException {
      Optional<String> refusal = ToolGrants.refusal(call.granted(), message);
      if (refusal.isPresent()) {
        return refusal(403, refusal.get());
      }
      if (messages.incrementAndGet() > MOST_MESSAGES) {
        return refusal(429, "at most " + MOST_MESSAGES + " messages of one call expected");
      }
      Duration left = left();
      return tools.send(call, asked, message, left.compareTo(PATIENCE) < 0 ? left : PATIENCE);
    }
  }

  /// A service, for as long as its container runs.
  private record ServiceTurn(Tools.Service service, String path, Pace pace, Tools tools)
      implements Turn {
    @Override
    public boolean isOver() {
      return false;
    }

    @Override
    public Tools.Reply reply(byte[] message) throws InterruptedException {
      Optional<String> refusal = ToolGrants.refusal(service.granted(), message);
      if (refusal.isPresent()) {
        return refusal(403, refusal.get());
      }
      return pace.admits()
          ? tools.send(service, message, PATIENCE)
          : refusal(
              429,
              "at most "
                  + Pace.A_SECOND
                  + " messages of a service a second expected, and "
                  + Pace.AT_ONCE
                  + " at once");
    }
  }

  /// How many messages a service may send.
  static final class Pace {
    static final int A_SECOND = 10;
    static final int AT_ONCE = 100;

    private final LongSupplier nanos;
    private double room = AT_ONCE;
    private long looked;

    Pace(LongSupplier nanos) {
      this.nanos = nanos;
      this.looked = nanos.getAsLong();
    }

    synchronized boolean admits() {
      long now = nanos.getAsLong();
      room = Math.min(AT_ONCE, room + (now - looked) / 1e9 * A_SECOND);
      looked = now;
      if (room < 1) {
        return false;
      }
      room--;
      return true;
    }
  }

  private McpSocket(ServerSocketChannel listener, Tools tools) {
    this.listener = listener;
    this.tools = tools;
  }

  /// Listens in the directory of an instance.
  public static McpSocket in(Path directory, Tools tools) throws IOException {
    var socket =
        new McpSocket(SocketDirectory.listen(directory.resolve(NAME), MOST_CONNECTIONS), tools);
    Thread.ofVirtual().name("mcp-" + directory.getFileName()).start(socket::accept);
    return socket;
  }

  /// Messages are of this call from now on, for as long as it may take; the path that it has.
  String begin(CodeCall call, Duration time) {
    String path = PATH + SocketDirectory.name();
    turn =
        new CallTurn(
            call,
            path,
            System.nanoTime() + time.toNanos(),
            new AtomicInteger(),
            new Asked(),
            tools);
    return path;
  }

  /// Messages are of this service from now on, until the end; the URL that it has in its container.
  public String begin(Tools.Service service) {
    String path = PATH + SocketDirectory.name();
    turn = new ServiceTurn(service, path, new Pace(System::nanoTime), tools);
    return url(path);
  }

  /// A socket in a URL, as clients of HTTP take it.
  static String url(String path) {
    return "http+unix://" + (Docker.SOCKETS + "/" + NAME).replace("/", "%2F") + path;
  }

  /// Messages are nobody's, and who is connected is not any more: no process of the next call is.
  public void end() {
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
      var in = new MessageReader(Channels.newInputStream(connection));
      OutputStream out = Channels.newOutputStream(connection);
      while (answered(in.request(Tools.LARGEST_MESSAGE), out)) {
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
  private boolean answered(Incoming request, OutputStream out)
      throws IOException, InterruptedException {
    if (request.isTooLong()) {
      refuse(out, 413, "a message of at most " + Tools.LARGEST_MESSAGE + " bytes expected");
      return false;
    }
    Turn now = turn;
    if (now == null || now.isOver() || !request.path().equals(now.path())) {
      refuse(out, 404, "there is what the call or the service that runs here has as its endpoint");
    } else if (!request.method().equals("POST")) {
      refuse(out, 405, "POST expected");
    } else {
      Tools.Reply reply = now.reply(request.body());
      MessageWriter.respond(out, reply.status(), reply.body());
    }
    return true;
  }

  private static void refuse(OutputStream out, int status, String detail) throws IOException {
    MessageWriter.respond(out, status, refusal(status, detail).body());
  }

  private static Tools.Reply refusal(int status, String detail) {
    String problem = "{\"status\":" + status + ",\"detail\":\"" + detail + "\"}";
    return new Tools.Reply(status, problem.getBytes(StandardCharsets.UTF_8));
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
