package dev.nexus.executor.http;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// The beginning of a message: its start line and its headers.
public record Head(String start, List<Header> headers) {
  private static final int MOST_SHOWN = 80;

  /// Bytes of the body, -1 where the message does not say. Two lengths that differ are none.
  long length() throws IOException {
    long length = -1;
    for (Header header : headers) {
      if (header.is("Content-Length")) {
        if (!header.value().matches("\\d{1,12}")) {
          throw new IOException("a length expected, found '" + shown(header.value()) + "'");
        }
        long one = Long.parseLong(header.value());
        if (length >= 0 && one != length) {
          throw new IOException("one length expected, found " + length + " and " + one);
        }
        length = one;
      }
    }
    return length;
  }

  boolean has(String name) {
    return headers.stream().anyMatch(header -> header.is(name));
  }

  boolean isChunked() {
    return headers.stream()
        .filter(header -> header.is("Transfer-Encoding"))
        .anyMatch(header -> header.value().toLowerCase(Locale.ROOT).endsWith("chunked"));
  }

  /// The status of an answer.
  int status() throws IOException {
    String[] parts = start.split(" ", 3);
    if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-5]\\d\\d")) {
      throw new IOException("a status line of HTTP/1.1 expected, found '" + shown(start) + "'");
    }
    return Integer.parseInt(parts[1]);
  }

  static String shown(String text) {
    return text.substring(0, Math.min(MOST_SHOWN, text.length()));
  }
}
