package dev.nexus.executor.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// A connection of which this side is the client of HTTP/1.1, over a unix socket, which the JDK's
/// own client knows nothing of. Used by one thread at a time; whatever fails leaves it closed, as
/// nobody knows then where an answer begins.
public final class HttpChannel implements AutoCloseable {
  private static final ScheduledThreadPoolExecutor CLOCK = clock();
  private static final int BLOCK = 16 << 10;

  private final SocketChannel channel;
  private final MessageReader in;
  private final OutputStream out;
  private volatile boolean late;

  /// Where answers are kept while they are read. Throws `IOException` where there is no more room.
  public interface Room {
    Room ANY = _ -> {};

    void take(int bytes) throws IOException;
  }

  private interface Step<T> {
    T take() throws IOException;
  }

  /// No answer came within the time for it.
  public static final class LateException extends IOException {
    private static final long serialVersionUID = 1L;

    public LateException(Duration time) {
      super(
          "no answer within "
              + (time.toMillisPart() == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms"));
    }
  }

  /// The answer is larger than anybody may answer.
  public static final class OversizedException extends IOException {
    private static final long serialVersionUID = 1L;

    OversizedException(long most, String found) {
      super("an answer of at most " + most + " bytes expected, found " + found);
    }
  }

  public HttpChannel(SocketChannel channel) {
    this.channel = channel;
    this.in = new MessageReader(Channels.newInputStream(channel));
    this.out = Channels.newOutputStream(channel);
  }

  private static ScheduledThreadPoolExecutor clock() {
    var clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("http-deadlines").factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  /// Asks once and waits for the whole answer.
  ///
  /// @param largest bytes of a body that is read
  public Answer ask(Request request, Duration time, long largest) throws IOException {
    return ask(request, time, largest, Room.ANY);
  }

  /// The same, of an answer that takes its room as it comes. Where more is asked over the
  /// connection, it must say how long it is.
  public Answer ask(Request request, Duration time, long largest, Room room) throws IOException {
    return within(
        time,
        () -> {
          MessageWriter.ask(out, request);
          Head head = in.answer();
          return new Answer(head.status(), head.headers(), whole(request, head, largest, room));
        });
  }

  /// An answer whose body has not been read yet.
  ///
  /// @param isWhole whether it says how long its body is, or has none
  public record Begun(Request request, Head head, int status, boolean isWhole) {
    public List<Header> headers() {
      return head.headers();
    }
  }

  /// Asks, and waits for the head of the answer.
  public Begun begin(Request request, Duration time) throws IOException {
    return within(
        time,
        () -> {
          MessageWriter.ask(out, request);
          Head head = in.answer();
          boolean isWhole =
              hasNoBody(request, head.status()) || !head.isChunked() && head.length() >= 0;
          return new Begun(request, head, head.status(), isWhole);
        });
  }

  /// The rest of an answer, as `ask` gives it.
  public Answer rest(Begun begun, Duration time, long largest, Room room) throws IOException {
    return within(
        time,
        () ->
            new Answer(
                begun.status(),
                begun.headers(),
                whole(begun.request(), begun.head(), largest, room)));
  }

  /// The body of an answer as it comes, of any length. The connection ends with it.
  ///
  /// @param idle how long nothing may come
  public InputStream body(Begun begun, Duration idle) throws IOException {
    InputStream body = in.body(begun.head(), Long.MAX_VALUE);
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] to, int from, int most) throws IOException {
        return within(idle, () -> body.read(to, from, most));
      }

      @Override
      public void close() {
        HttpChannel.this.close();
      }
    };
  }

  private static boolean hasNoBody(Request request, int status) {
    return request.method().equals("HEAD") || status == 204 || status == 304;
  }

  private byte[] whole(Request request, Head head, long largest, Room room) throws IOException {
    if (hasNoBody(request, head.status())) {
      return new byte[0];
    }
    long length = head.isChunked() ? -1 : head.length();
    if (length < 0 && !request.isLast()) {
      throw new IOException("a Content-Length expected, found none");
    }
    return read(in.body(head, largest), largest, room);
  }

  private static byte[] read(InputStream from, long largest, Room room) throws IOException {
    var body = new ByteArrayOutputStream();
    byte[] block = new byte[BLOCK];
    for (int count = from.read(block); count >= 0; count = from.read(block)) {
      if (body.size() + count > largest) {
        throw new OversizedException(largest, "more");
      }
      room.take(count);
      body.write(block, 0, count);
    }
    return body.toByteArray();
  }

  /// Closing is what ends a read that waits, whatever the other side does.
  private <T> T within(Duration time, Step<T> step) throws IOException {
    late = false;
    ScheduledFuture<?> deadline = CLOCK.schedule(this::end, time.toNanos(), TimeUnit.NANOSECONDS);
    try {
      T taken = step.take();
      if (!deadline.cancel(false)) {
        throw new LateException(time); // it came as the time ran out, and nothing comes any more
      }
      return taken;
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

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // There is nothing that anybody could do about it.
    }
  }
}
