package dev.nexus.executor.container;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// HTTP/1.1 as far as sockets of instances need it: a start line, headers, a body of a known
/// length. The JDK's own client and server know no unix sockets. Whoever writes there may be
/// hostile, so that everything is bounded.
final class HttpMessages {
  private static final int LARGEST_HEAD = 16 << 10;

  private HttpMessages() {}

  /// The beginning of a message.
  ///
  /// @param headers by their names in small letters
  record Head(String start, Map<String, String> headers) {
    /// Bytes of the body, -1 where the message does not say.
    long length() throws IOException {
      String text = headers.get("content-length");
      if (text == null) {
        return -1;
      }
      if (!text.matches("\\d{1,12}")) {
        throw new IOException("a length expected, found '" + shown(text) + "'");
      }
      return Long.parseLong(text);
    }
  }

  /// @param isTooLong whether there is a body that was not read
  record Request(String method, String path, byte[] body, boolean isTooLong) {}

  /// The next head. Throws `EOFException` when nothing comes any more.
  static Head head(InputStream in) throws IOException {
    int left = LARGEST_HEAD;
    String start = line(in, left);
    left -= start.length();
    Map<String, String> headers = new LinkedHashMap<>();
    for (String header = line(in, left); !header.isEmpty(); header = line(in, left)) {
      left -= header.length();
      int colon = header.indexOf(':');
      if (colon > 0) {
        headers.put(
            header.substring(0, colon).toLowerCase(Locale.ROOT),
            header.substring(colon + 1).strip());
      }
    }
    return new Head(start, headers);
  }

  /// The whole of a body. Throws `EOFException` where it ends sooner.
  static byte[] body(InputStream in, long length) throws IOException {
    byte[] body = in.readNBytes((int) length);
    if (body.length < length) {
      throw new EOFException("the connection ended within a message");
    }
    return body;
  }

  /// The next request.
  ///
  /// @param largest bytes of a body that is read
  static Request request(InputStream in, long largest) throws IOException {
    Head head = head(in);
    String[] parts = head.start().split(" ", 3);
    if (parts.length != 3
        || !parts[2].startsWith("HTTP/1.")
        || head.headers().containsKey("transfer-encoding")) {
      throw new IOException(
          "a request of HTTP/1.1 with a Content-Length expected, found '"
              + shown(head.start())
              + "'");
    }
    long length = Math.max(0, head.length());
    boolean isTooLong = length > largest;
    byte[] body = isTooLong ? new byte[0] : body(in, length);
    return new Request(parts[0], parts[1], body, isTooLong);
  }

  /// Answers with JSON.
  static void respond(OutputStream out, int status, byte[] body) throws IOException {
    String head =
        "HTTP/1.1 "
            + status
            + " "
            + (status < 400 ? "OK" : "Refused")
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    send(out, head, body);
  }

  /// In one piece, as a body that comes behind its head is waited for once more.
  static void send(OutputStream out, String head, byte[] body) throws IOException {
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] message = new byte[start.length + body.length];
    System.arraycopy(start, 0, message, 0, start.length);
    System.arraycopy(body, 0, message, start.length, body.length);
    out.write(message);
  }

  private static String line(InputStream in, int most) throws IOException {
    var line = new StringBuilder(64);
    for (int count = 0; count <= most; count++) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended");
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

  static String shown(String text) {
    return text.substring(0, Math.min(80, text.length()));
  }
}
