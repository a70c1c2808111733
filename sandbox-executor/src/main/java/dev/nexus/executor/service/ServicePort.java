package dev.nexus.executor.service;

import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.HttpChannel;
import dev.nexus.executor.http.Request;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The port of a service: the way to it, which is opened when somebody asks, and who is asking.
final class ServicePort implements AutoCloseable {
  /// How long a stream may be silent.
  static final Duration SILENT = Duration.ofMinutes(10);

  private static final Duration RELAY_PATIENCE = Duration.ofSeconds(15);
  private static final Duration RELAY_KEPT = Duration.ofMinutes(1);

  private final ServiceParts parts;
  private final Supplier<String> container;
  private final int port;
  private final Map<String, String> labels;
  private final Callers callers = new Callers();
  private @Nullable Relay relay;
  private volatile String relayName = "";
  private volatile boolean closed;

  /// @param container the engine's id of it
  /// @param labels of that
  ServicePort(
      ServiceParts parts, Supplier<String> container, int port, Map<String, String> labels) {
    this.parts = parts;
    this.container = container;
    this.port = port;
    this.labels = labels;
  }

  /// Asks it once for a caller.
  ///
  /// @param time until the head of an answer, or the whole of one that says how long it is
  /// @param largest bytes of that
  Served ask(Request request, String caller, Duration time, long largest)
      throws IOException, InterruptedException {
    Closeable place = callers.enter(caller);
    HttpChannel channel = null;
    boolean flows = false;
    try {
      channel = new HttpChannel(connect());
      long begun = System.nanoTime();
      HttpChannel.Begun answer = channel.begin(request.last(), time);
      if (!answer.isWhole()) {
        InputStream body = channel.body(answer, SILENT);
        flows = true;
        return new Served.Flowing(answer.status(), answer.headers(), leaving(body, place));
      }
      try (var room = new AnswerRoom()) {
        Duration left = time.minusNanos(System.nanoTime() - begun);
        return new Served.Whole(
            channel.rest(answer, left.isNegative() ? Duration.ZERO : left, largest, room));
      }
    } finally {
      if (!flows) {
        place.close();
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  private static InputStream leaving(InputStream body, Closeable place) {
    return new FilterInputStream(body) {
      @Override
      public void close() throws IOException {
        try (place) {
          super.close();
        }
      }
    };
  }

  /// Asks it once for the platform, which always has a place.
  Answer asked(Request request, Duration time, long largest)
      throws IOException, InterruptedException {
    try (var channel = new HttpChannel(connect());
        var room = new AnswerRoom()) {
      return channel.ask(request.last(), time, largest, room);
    }
  }

  /// A connection to it, by another way where the one there was has ended.
  SocketChannel connect() throws IOException, InterruptedException {
    Relay way = way();
    try {
      return way.connect(RELAY_PATIENCE);
    } catch (IOException e) {
      if (!way.isClosed() || closed) {
        throw e;
      }
      return way().connect(RELAY_PATIENCE);
    }
  }

  private synchronized Relay way() throws IOException {
    if (closed) {
      throw new IOException("it ends");
    }
    if (relay == null || relay.isClosed()) {
      // Known before it is there: what nobody knows is removed.
      relayName = SocketDirectory.name();
      relay = Relay.begin(parts.site(), relayName, container.get(), port, labels);
    }
    return relay;
  }

  void endIdleRelay() {
    Relay idle;
    synchronized (this) {
      idle = relay;
      if (idle == null || idle.idle().compareTo(RELAY_KEPT) < 0 || !callers.isEmpty()) {
        return;
      }
      relay = null;
      relayName = "";
    }
    Thread.ofVirtual().name("relay-end").start(idle::close);
  }

  /// Name of the container of the way; "" where there is none.
  String relayName() {
    return relayName;
  }

  @Override
  public void close() {
    Relay way;
    synchronized (this) {
      closed = true;
      way = relay;
      relay = null;
    }
    if (way != null) {
      way.close();
    }
  }
}
