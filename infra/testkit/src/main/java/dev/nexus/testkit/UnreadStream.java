package dev.nexus.testkit;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A client of the live stream that reads its socket only when it is told to.
public final class UnreadStream implements AutoCloseable {
  private static final int SMALL = 4 << 10;
  private static final int LARGE = 1 << 20;
  private static final int PATIENCE_MS = 120_000;

  private final Socket socket = new Socket();
  private final Chunks chunks;
  private final BufferedReader lines;
  private final SentEvent.Lines events = new SentEvent.Lines();
  private boolean begun;

  /// @param path with its query
  public UnreadStream(URI server, String key, String path) throws IOException {
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
    chunks = new Chunks(new BufferedInputStream(socket.getInputStream(), SMALL));
    lines = new BufferedReader(new InputStreamReader(chunks, StandardCharsets.UTF_8));
  }

  /// Reads until a line has this text, and gives that line.
  public String readTo(String text) throws IOException {
    readOn();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(text)) {
        return line;
      }
    }
    throw new IOException("the stream ended before " + text);
  }

  /// Reads the next event.
  public SentEvent readEvent() throws IOException {
    readOn();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Optional<SentEvent> event = events.take(line);
      if (event.isPresent()) {
        return event.get();
      }
    }
    throw new IOException("the stream ended before an event");
  }

  /// Bytes of the stream that it has read so far.
  public long received() {
    return chunks.received;
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

  /// The body of an answer that comes in chunks. Who passes it on ends them anywhere, within a line
  /// too.
  private static final class Chunks extends InputStream {
    private final InputStream in;
    private boolean headRead;
    private boolean ended;
    private long left;
    private long received;

    Chunks(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
      if (most == 0) {
        return 0;
      }
      if (left == 0 && !ended) {
        beginNext();
      }
      if (ended) {
        return -1;
      }
      int read = in.read(into, from, (int) Math.min(most, left));
      if (read < 0) {
        throw new IOException("the connection broke within a chunk");
      }
      left -= read;
      received += read;
      return read;
    }

    private void beginNext() throws IOException {
      if (headRead) {
        line(); // of the chunk before
      } else {
        readHead();
      }
      left = Long.parseLong(line(), 16);
      ended = left == 0;
    }

    private void readHead() throws IOException {
      String status = line();
      boolean chunked = false;
      for (String header = line(); !header.isEmpty(); header = line()) {
        chunked |= header.equalsIgnoreCase("Transfer-Encoding: chunked");
      }
      if (!chunked) {
        throw new IOException("no stream: " + status);
      }
      headRead = true;
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new IOException("the connection broke between chunks");
        }
        if (next != '\r') {
          line.append((char) next);
        }
      }
      return line.toString();
    }
  }
}
