package dev.nexus.executor.container;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The one connection to a runner: HTTP/1.1 of which this side is the client, over the unix socket
/// that the runner has connected to. Used by one thread at a time; whatever fails leaves it closed,
/// as nobody knows then where an answer begins.
final class RunnerChannel implements AutoCloseable {
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final SocketChannel channel;
  private final InputStream in;
  private final OutputStream out;
  private volatile boolean late;

  /// @param status of HTTP
  record Answer(int status, byte[] body) {}

  /// No answer came within the time for it.
  static final class LateException extends IOException {
    private static final long serialVersionUID = 1L;

    LateException(Duration time) {
      super("no answer within " + time.toMillis() + " ms");
    }
  }

  /// The answer is larger than anybody may answer.
  static final class OversizedException extends IOException {
    private static final long serialVersionUID = 1L;

    OversizedException(long length, long most) {
      super("an answer of at most " + most + " bytes expected, found " + length);
    }
  }

  RunnerChannel(SocketChannel channel) {
    this.channel = channel;
    this.in = new BufferedInputStream(Channels.newInputStream(channel), 16 << 10);
    this.out = Channels.newOutputStream(channel);
  }

  private static ScheduledThreadPoolExecutor clock() {
    var clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("container-deadlines").factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  /// Asks once and waits for the answer.
  ///
  /// @param largest bytes of a body that is read
  Answer ask(
      String method,
      String path,
      Map<String, String> headers,
      byte[] body,
      Duration time,
      long largest)
      throws IOException {
    late = false;
    // Closing is what ends a read that waits, whatever the other side does.
    ScheduledFuture<?> deadline = CLOCK.schedule(this::end, time.toNanos(), TimeUnit.NANOSECONDS);
    try {
      write(method, path, headers, body);
      Answer answer = read(largest);
      if (!deadline.cancel(false)) {
        throw new LateException(time); // it came as the time ran out, and nothing comes any more
      }
      return answer;
    } catch (IOException | RuntimeException e) {
      deadline.cancel(false);
      close();
      if (e instanceof IOException && late) {
        throw new LateException(time);
      }
      throw e;
    }
  }

  private void end() {
    late = true;
    close();
  }

  private void write(String method, String path, Map<String, String> headers, byte[] body)
      throws IOException {
    var head = new StringBuilder(256);
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: sandbox\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    HttpMessages.send(out, head.toString(), body);
  }

  private Answer read(long largest) throws IOException {
    HttpMessages.Head head = HttpMessages.head(in);
    String[] parts = head.start().split(" ", 3);
    if (parts.length < 2 || !parts[0].equals("HTTP/1.1") || !parts[1].matches("[1-5]\\d\\d")) {
      throw new IOException(
          "a status line of HTTP/1.1 expected, found '" + HttpMessages.shown(head.start()) + "'");
    }
    long length = head.length();
    if (length < 0) {
      throw new IOException("a Content-Length expected, found none");
    }
    if (length > largest) {
      throw new OversizedException(length, largest);
    }
    return new Answer(Integer.parseInt(parts[1]), HttpMessages.body(in, length));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // There is nothing that anybody could do about it.
    }
  }
}
