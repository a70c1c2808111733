package dev.nexus.executor.service;

import dev.nexus.executor.pool.Alarm;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

/// One request to a service and its answer: HTTP/1.1 over a connection that is for nothing else.
/// The JDK's own client knows no unix sockets. What a service answers is limited in size and time.
public final class HttpExchange {
  private static final int LARGEST_HEAD = 32 << 10;
  private static final int BLOCK = 16 << 10;

  private final InputStream in;
  private final OutputStream out;
  private final long largest;
  private int head = LARGEST_HEAD;
  private int taken;

  /// Bytes of answers that are being read, of all services together: many large ones at once would
  /// take the memory of everything else.
  static final Semaphore READING = new Semaphore(64 << 20);

  /// A header field.
  public record Header(String name, String value) {
    public boolean is(String other) {
      return name.equalsIgnoreCase(other);
    }
  }

  /// @param target path and query, as they stand in a request
  public record Request(String method, String target, List<Header> headers, byte[] body) {}

  /// @param status of HTTP
  public record Answer(int status, List<Header> headers, byte[] body) {}

  /// The answer is larger than anybody may answer.
  static final class OversizedException extends IOException {
    private static final long serialVersionUID = 1L;

    OversizedException(long most) {
      super("an answer of at most " + most + " bytes expected, found more");
    }
  }

  /// No answer came within the time for it.
  static final class LateException extends IOException {
    private static final long serialVersionUID = 1L;

    LateException(Duration time) {
      super("no answer within " + time.toSeconds() + " s");
    }
  }

  private HttpExchange(SocketChannel channel, long largest) {
    this.in = new BufferedInputStream(Channels.newInputStream(channel), BLOCK);
    this.out = Channels.newOutputStream(channel);
    this.largest = largest;
  }

  /// Asks and waits for the answer; the connection is of no use then.
  ///
  /// @param largest bytes of a body that is read
  static Answer ask(SocketChannel channel, Request request, Duration time, long largest)
      throws IOException {
    // An interrupt closes the channel, which ends a read whatever the other side does.
    Alarm alarm = Alarm.after(time);
    var exchange = new HttpExchange(channel, largest);
    try {
      exchange.write(request);
      return exchange.answer(request.method().equals("HEAD"));
    } catch (IOException e) {
      if (alarm.end()) {
        throw new LateException(time);
      }
      throw e;
    } finally {
      alarm.end();
      READING.release(exchange.taken);
    }
  }

  private void write(Request request) throws IOException {
    var start = new StringBuilder(512);
    start.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
    for (Header header : request.headers()) {
      start.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    start.append("Connection: close\r\n");
    if (request.body().length > 0 || !request.method().equals("GET")) {
      start.append("Content-Length: ").append(request.body().length).append("\r\n");
    }
    out.write(start.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.write(request.body());
  }

  private Answer answer(boolean withoutBody) throws IOException {
    while (true) {
      String line = line();
      String[] parts = line.split(" ", 3);
      if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-5]\\d\\d")) {
        throw new IOException("a status line of HTTP/1.1 expected, found '" + shown(line) + "'");
      }
      int status = Integer.parseInt(parts[1]);
      List<Header> headers = headers();
      if (status >= 200) {
        boolean none = withoutBody || status == 204 || status == 304;
        return new Answer(status, headers, none ? new byte[0] : body(headers));
      }
    }
  }

  private List<Header> headers() throws IOException {
    List<Header> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("a header expected, found '" + shown(line) + "'");
      }
      headers.add(new Header(line.substring(0, colon).strip(), line.substring(colon + 1).strip()));
    }
    return headers;
  }

  private byte[] body(List<Header> headers) throws IOException {
    boolean chunked = false;
    long length = -1;
    for (Header header : headers) {
      if (header.is("Transfer-Encoding")) {
        chunked = header.value().toLowerCase(Locale.ROOT).endsWith("chunked");
      } else if (header.is("Content-Length") && header.value().matches("\\d{1,12}")) {
        length = Long.parseLong(header.value());
      }
    }
    var body = new ByteArrayOutputStream();
    if (chunked) {
      chunks(body);
    } else if (length >= 0) {
      take(body, length);
    } else {
      int count = 0;
      byte[] block = new byte[BLOCK];
      while (count >= 0) {
        room(body, count);
        body.write(block, 0, count);
        count = in.read(block);
      }
    }
    return body.toByteArray();
  }

  private void chunks(ByteArrayOutputStream body) throws IOException {
    while (true) {
      head = LARGEST_HEAD;
      String size = line().split(";", 2)[0].strip();
      if (!size.matches("[0-9A-Fa-f]{1,8}")) {
        throw new IOException("the size of a chunk expected, found '" + shown(size) + "'");
      }
      long length = Long.parseLong(size, 16);
      if (length == 0) {
        headers();
        return;
      }
      take(body, length);
      if (!line().isEmpty()) {
        throw new IOException("the end of a chunk expected, found more of it");
      }
    }
  }

  private void take(ByteArrayOutputStream body, long length) throws IOException {
    room(body, length);
    long left = length;
    byte[] block = new byte[BLOCK];
    while (left > 0) {
      int count = in.read(block, 0, (int) Math.min(left, BLOCK));
      if (count < 0) {
        throw new EOFException("the connection ended within an answer");
      }
      body.write(block, 0, count);
      left -= count;
    }
  }

  private void room(ByteArrayOutputStream body, long more) throws IOException {
    if (body.size() + more > largest) {
      throw new OversizedException(largest);
    }
    if (!READING.tryAcquire((int) more)) {
      throw new IOException("too much is being answered by services at once, try again");
    }
    taken += (int) more;
  }

  private String line() throws IOException {
    var line = new StringBuilder(64);
    while (head-- > 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended before an answer");
      }
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    throw new IOException("a shorter head of an answer expected");
  }

  private static String shown(String text) {
    return text.substring(0, Math.min(80, text.length()));
  }
}
