package dev.nexus.projector.query;

import dev.nexus.testkit.SentEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A client of the live stream that reads its socket only when it is told to.
final class UnreadStream implements AutoCloseable {
  private static final int SMALL = 4 << 10;
  private static final int LARGE = 1 << 20;
  private static final int PATIENCE_MS = 120_000;

  private final Socket socket = new Socket();
  private final BufferedReader lines;
  private final SentEvent.Lines events = new SentEvent.Lines();
  private boolean begun;

  UnreadStream(URI server, String key, String path) throws IOException {
    socket.setReceiveBufferSize(SMALL);
    socket.setSoTimeout(PATIENCE_MS);
    socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
    String request =
        """
        GET %s HTTP/1.1
        Host: %s
        Authorization: Bearer %s
        Accept: text/event-stream

        """
            .formatted(path, server.getAuthority(), key)
            .replace("\n", "\r\n");
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /// Reads until a line has this text, and gives that line.
  String readTo(String text) throws IOException {
    readOn();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(text)) {
        return line;
      }
    }
    throw new IOException("the stream ended before " + text);
  }

  /// Reads the next event.
  SentEvent readEvent() throws IOException {
    readOn();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Optional<SentEvent> event = events.take(line);
      if (event.isPresent()) {
        return event.get();
      }
    }
    throw new IOException("the stream ended before an event");
  }

  private void readOn() throws IOException {
    if (begun) {
      socket.setReceiveBufferSize(LARGE);
    }
    begun = true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
