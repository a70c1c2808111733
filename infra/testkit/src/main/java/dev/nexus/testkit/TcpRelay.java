package dev.nexus.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Stands between a client and a server on loopback and makes the server slow, or silent: it takes
/// connections and requests, and no answer comes.
public final class TcpRelay implements AutoCloseable {
  private final ServerSocket listener;
  private volatile int target;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private volatile Duration delay = Duration.ZERO;
  private volatile boolean silent;

  /// The two ends of a connection, and whether something was kept from the client.
  private record Pair(Socket client, Socket server, AtomicBoolean spoiled) {
    void close() {
      try (client;
          server) {
        spoiled.set(true);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private TcpRelay(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("relay").start(this::accept);
  }

  public static TcpRelay to(int port) throws IOException {
    return new TcpRelay(port);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// From now on connections lead to another server on loopback.
  public void leadTo(int port) {
    target = port;
  }

  /// From now on each piece of an answer comes later.
  public void delay(Duration newDelay) {
    delay = newDelay;
  }

  /// From now on answers are swallowed.
  public void silence() {
    silent = true;
  }

  /// All is well again; who was kept waiting in silence loses the connection, as when a server that
  /// hung is started anew.
  public void pass() {
    silent = false;
    delay = Duration.ZERO;
    pairs.stream().filter(pair -> pair.spoiled().get()).forEach(Pair::close);
  }

  private void accept() {
    try {
      while (true) {
        join(listener.accept());
      }
    } catch (IOException e) {
      pairs.forEach(Pair::close);
    }
  }

  /// A server that is away is away for the client too.
  private void join(Socket client) throws IOException {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException e) {
      client.close();
      return;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    Pair pair = new Pair(client, server, new AtomicBoolean());
    pairs.add(pair);
    Thread.ofPlatform().daemon().start(() -> pump(pair, client, server, false));
    Thread.ofPlatform().daemon().start(() -> pump(pair, server, client, true));
  }

  private void pump(Pair pair, Socket from, Socket to, boolean answers) {
    byte[] piece = new byte[64 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        if (answers && silent) {
          boolean before = pair.spoiled().getAndSet(true);
          // Who passes meanwhile may not have seen that: nobody would end this connection.
          if (silent) {
            continue;
          }
          pair.spoiled().set(before); // this piece is not kept from the client
        }
        if (answers && delay.isPositive()) {
          TimeUnit.NANOSECONDS.sleep(delay.toNanos());
        }
        out.write(piece, 0, read);
      }
    } catch (IOException | InterruptedException e) {
      pair.spoiled().set(true);
    } finally {
      pairs.remove(pair);
      pair.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    pairs.forEach(Pair::close);
  }
}
