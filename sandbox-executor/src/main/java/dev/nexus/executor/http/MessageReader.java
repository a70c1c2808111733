package dev.nexus.executor.http;

import dev.nexus.executor.http.HttpChannel.OversizedException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Reads messages of HTTP/1.1 from one connection, one after the other. Whoever writes there may be
/// hostile.
public final class MessageReader {
  /// Bytes of a start line and its headers.
  static final int LARGEST_HEAD = 32 << 10;

  private static final int BLOCK = 16 << 10;

  private final InputStream in;
  private int head;

  /// A request, the whole of it.
  ///
  /// @param isTooLong whether there is a body that was not read
  public record Incoming(String method, String path, byte[] body, boolean isTooLong) {}

  public MessageReader(InputStream from) {
    this.in = new BufferedInputStream(from, BLOCK);
  }

  /// The next head. Throws `EOFException` when nothing comes any more.
  Head head() throws IOException {
    head = LARGEST_HEAD;
    return nextHead();
  }

  private Head nextHead() throws IOException {
    String start = line();
    return new Head(start, headers());
  }

  private List<Header> headers() throws IOException {
    List<Header> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("a header expected, found '" + Head.shown(line) + "'");
      }
      headers.add(new Header(line.substring(0, colon).strip(), line.substring(colon + 1).strip()));
    }
    return List.copyOf(headers);
  }

  /// The head of an answer, behind those that only say that it will come.
  Head answer() throws IOException {
    head = LARGEST_HEAD;
    Head next = nextHead();
    while (next.status() < 200) {
      next = nextHead();
    }
    return next;
  }

  /// What follows a head: a body of a length, in chunks, or all that comes.
  ///
  /// @param largest bytes that lengths may say; what has none is for the reader to count
  InputStream body(Head of, long largest) throws IOException {
    if (of.isChunked()) {
      return new Chunks(largest);
    }
    long length = of.length();
    if (length > largest) {
      throw new OversizedException(largest, Long.toString(length));
    }
    return length < 0 ? in : new Part(length);
  }

  /// The next request, which must say how long it is. Throws `EOFException` when none comes.
  ///
  /// @param largest bytes of a body that is read
  public Incoming request(long largest) throws IOException {
    Head head = head();
    String[] parts = head.start().split(" ", 3);
    if (parts.length != 3 || !parts[2].startsWith("HTTP/1.") || head.has("Transfer-Encoding")) {
      throw new IOException(
          "a request of HTTP/1.1 with a Content-Length expected, found '"
              + Head.shown(head.start())
              + "'");
    }
    long length = Math.max(0, head.length());
    boolean isTooLong = length > largest;
    byte[] body = isTooLong ? new byte[0] : new Part(length).readAllBytes();
    return new Incoming(parts[0], parts[1], body, isTooLong);
  }

  private String line() throws IOException {
    var line = new StringBuilder(64);
    while (head-- > 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended before a message");
      }
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    throw new IOException("a shorter head of a message expected");
  }

  /// A body that is read in blocks.
  private abstract static class Body extends InputStream {
    @Override
    public final int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }
  }

  /// So many bytes. Throws `EOFException` where there are fewer.
  private final class Part extends Body {
    private long left;

    Part(long length) {
      this.left = length;
    }

    @Override
    public int read(byte[] to, int from, int most) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = in.read(to, from, (int) Math.min(left, most));
      if (count < 0) {
        throw new EOFException("the connection ended within a message");
      }
      left -= count;
      return count;
    }
  }

  private final class Chunks extends Body {
    private final long largest;
    private long said;
    private Part chunk = new Part(0);
    private boolean begun;
    private boolean ended;

    Chunks(long largest) {
      this.largest = largest;
    }

    @Override
    public int read(byte[] to, int from, int most) throws IOException {
      while (!ended) {
        int count = chunk.read(to, from, most);
        if (count >= 0) {
          return count;
        }
        next();
      }
      return -1;
    }

    private void next() throws IOException {
      head = LARGEST_HEAD;
      if (begun && !line().isEmpty()) {
        throw new IOException("the end of a chunk expected, found more of it");
      }
      begun = true;
      String size = line().split(";", 2)[0].strip();
      if (!size.matches("[0-9A-Fa-f]{1,8}")) {
        throw new IOException("the size of a chunk expected, found '" + Head.shown(size) + "'");
      }
      chunk = new Part(Long.parseLong(size, 16));
      said += chunk.left;
      if (said > largest) {
        throw new OversizedException(largest, "more");
      }
      if (chunk.left == 0) {
        headers();
        ended = true;
      }
    }
  }
}
