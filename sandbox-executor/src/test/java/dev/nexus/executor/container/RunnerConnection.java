package dev.nexus.executor.container;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;

/// A runner in a container of its own, and the host's end of its connection, on which anything may
/// be written.
final class RunnerConnection implements AutoCloseable {
  private final Docker docker;
  private final Path directory;
  private final String container;
  private final SocketChannel channel;
  private final InputStream in;
  private final OutputStream out;

  record Answer(int status, String body) {}

  RunnerConnection(Docker docker, String image, Path directory, Map<String, String> labels)
      throws IOException {
    this.docker = docker;
    this.directory = directory;
    try (ServerSocketChannel listener =
        SocketDirectory.listen(directory.resolve(SocketDirectory.SOCKET), 1)) {
      this.container =
          docker.begin(
              new Engine.Wanted(
                  "nexus-contract-" + SocketDirectory.name(),
                  image,
                  directory,
                  1,
                  256L << 20,
                  labels));
      this.channel = listener.accept();
    }
    this.in = new BufferedInputStream(Channels.newInputStream(channel));
    this.out = Channels.newOutputStream(channel);
  }

  Answer ask(String method, String path, Map<String, String> headers, byte[] body)
      throws IOException {
    var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: sandbox\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    write(head + "Content-Length: " + body.length + "\r\n\r\n");
    out.write(body);
    return answer();
  }

  /// What the runner sees at `/run/nexus`.
  Path directory() {
    return directory;
  }

  void write(String text) throws IOException {
    out.write(text.getBytes(UTF_8));
  }

  Answer answer() throws IOException {
    int status = Integer.parseInt(line().split(" ")[1]);
    int length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.startsWith("Content-Length: ")) {
        length = Integer.parseInt(header.substring("Content-Length: ".length()));
      }
    }
    return new Answer(status, new String(in.readNBytes(length), UTF_8));
  }

  boolean hasEnded() throws IOException {
    return in.read() < 0;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the runner ended behind '" + line + "'");
      }
      line.append(new String(new byte[] {(byte) next}, ISO_8859_1));
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    docker.remove(container);
  }
}
