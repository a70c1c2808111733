package dev.nexus.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Where one Redis server listens and what proves that it is ours: a random password that only its
/// own configuration file holds. Speaks the few words of the protocol that are needed to find,
/// know and end it.
record RedisAccess(int port, String password) {
  private static final int TIMEOUT_MILLIS = 2_000;
  private static final Duration STEP = Duration.ofMillis(5);

  static RedisAccess fresh(int port) {
    byte[] secret = new byte[24];
    new SecureRandom().nextBytes(secret);
    return new RedisAccess(port, HexFormat.of().formatHex(secret));
  }

  /// What an earlier start wrote into its configuration file.
  static Optional<RedisAccess> read(Path conf) {
    try {
      int port = 0;
      String password = "";
      for (String line : Files.readAllLines(conf)) {
        if (line.startsWith("port ")) {
          port = Integer.parseInt(line.substring("port ".length()).strip());
        } else if (line.startsWith("requirepass ")) {
          password = line.substring("requirepass ".length()).strip();
        }
      }
      return port == 0 || password.isEmpty()
          ? Optional.empty()
          : Optional.of(new RedisAccess(port, password));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  String url() {
    return "redis://:" + password + "@127.0.0.1:" + port;
  }

  /// Whether a Redis listens there that knows the password, thus ours.
  boolean answers() {
    return say("PING").map("+PONG"::equals).orElse(false);
  }

  boolean awaitAnswer(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      if (answers()) {
        return true;
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
    return false;
  }

  Optional<Long> processId() {
    return say("INFO server")
        .flatMap(
            info ->
                info.lines()
                    .filter(line -> line.startsWith("process_id:"))
                    .map(line -> Long.parseLong(line.substring("process_id:".length()).strip()))
                    .findFirst());
  }

  /// Asks the server to save and end, and waits until it has.
  void shutDown(Duration patience) {
    Optional<ProcessHandle> process = processId().flatMap(ProcessHandle::of);
    say("SHUTDOWN SAVE");
    long deadline = System.nanoTime() + patience.toNanos();
    while (answers() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(STEP.toNanos());
    }
    if (answers()) {
      process.ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /// Sends one command after the password; empty when nobody listens, or a stranger.
  private Optional<String> say(String command) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      OutputStream out = socket.getOutputStream();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      if (!"+OK".equals(ask(out, in, "AUTH " + password))) {
        return Optional.empty();
      }
      return Optional.ofNullable(ask(out, in, command));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static @org.jspecify.annotations.Nullable String ask(
      OutputStream out, BufferedReader in, String command) throws IOException {
    out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
    String head = in.readLine();
    if (head == null || !head.startsWith("$")) {
      return head;
    }
    StringBuilder bulk = new StringBuilder();
    int left = Integer.parseInt(head.substring(1));
    while (left > 0) {
      String line = in.readLine();
      if (line == null) {
        break;
      }
      bulk.append(line).append('\n');
      left -= line.getBytes(StandardCharsets.UTF_8).length + 2;
    }
    return bulk.toString();
  }
}
