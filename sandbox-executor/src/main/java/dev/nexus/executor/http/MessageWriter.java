package dev.nexus.executor.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Writes messages of HTTP/1.1.
public final class MessageWriter {
  private static final int REFUSING = 400;

  private MessageWriter() {}

  static void ask(OutputStream out, Request request) throws IOException {
    var head = new StringBuilder(512);
    head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
    for (Header header : request.headers()) {
      head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    if (request.body().length > 0 || !request.method().equals("GET")) {
      head.append("Content-Length: ").append(request.body().length).append("\r\n");
    }
    send(out, head.append("\r\n").toString(), request.body());
  }

  /// Answers with JSON.
  public static void respond(OutputStream out, int status, byte[] body) throws IOException {
    String head =
        "HTTP/1.1 "
            + status
            + " "
            + (status < REFUSING ? "OK" : "Refused")
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    send(out, head, body);
  }

  /// In one piece, as a body that comes behind its head is waited for once more.
  private static void send(OutputStream out, String head, byte[] body) throws IOException {
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] message = new byte[start.length + body.length];
    System.arraycopy(start, 0, message, 0, start.length);
    System.arraycopy(body, 0, message, start.length, body.length);
    out.write(message);
  }
}
