package dev.nexus.executor.container;

import dev.nexus.event.task.FailureClass;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An engine without containers: a thread connects to the socket as a runner does, and answers by a
/// script. For what a pool does when instances start late, lie, or go away at a bad moment.
final class ScriptedEngine implements Engine {
  /// Answers of a runner that is well and says `"done"`.
  static final UnaryOperator<String> WELL =
      request -> ok(request, "\"resultType\":\"generic\",\"data\":\"done\"");

  private static final Pattern REQUEST_ID =
      Pattern.compile("(?i)\\r\\nX-Request-ID: ([^\\r]*)\\r\\n");

  /// The connection ends at once.
  static final String GONE = "";

  private final Map<String, SocketChannel> running = new ConcurrentHashMap<>();
  private final Map<String, Wanted> wanted = new ConcurrentHashMap<>();
  private final AtomicInteger begun = new AtomicInteger();
  private volatile UnaryOperator<String> script = WELL;
  private volatile boolean refuses;
  private final AtomicInteger lost = new AtomicInteger();
  private volatile boolean outOfMemory;

  /// The answer to a request, with these fields beside its id.
  static String ok(String request, String fields) {
    Matcher id = REQUEST_ID.matcher(request);
    if (!id.find()) {
      throw new IllegalArgumentException("a request with an id expected, found " + request);
    }
    return ok("{\"requestId\":\"" + id.group(1) + "\"," + fields + "}");
  }

  static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: "
        + body.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  void answers(UnaryOperator<String> answers) {
    script = answers;
  }

  void refuses(boolean now) {
    refuses = now;
  }

  /// The next containers end before they answer.
  void losesStarts(int containers) {
    lost.set(containers);
  }

  void endsForMemory(boolean now) {
    outOfMemory = now;
  }

  int begun() {
    return begun.get();
  }

  int running() {
    return wanted.size();
  }

  /// Ends a container behind everybody's back.
  void kill() throws IOException {
    for (SocketChannel channel : running.values()) {
      channel.close();
    }
    running.clear();
  }

  @Override
  public String begin(Wanted one) {
    if (refuses) {
      throw new EngineException(FailureClass.UNREACHABLE, "the engine is out");
    }
    String id = "c" + begun.incrementAndGet();
    wanted.put(id, one);
    Thread.ofVirtual().start(() -> serve(id, one.directory()));
    return id;
  }

  private void serve(String id, Path directory) {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve(SocketDirectory.SOCKET)))) {
      running.put(id, channel);
      var buffer = ByteBuffer.allocate(1 << 16);
      while (channel.read(buffer) >= 0) {
        String request = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        buffer.clear();
        String answer = request.startsWith("GET /health") ? health() : script.apply(request);
        if (answer.isEmpty()) {
          return;
        }
        var bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException e) {
      // The other side has gone, or the test ended it.
    } finally {
      running.remove(id);
    }
  }

  private String health() {
    return lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? GONE : ok("{\"ready\":true}");
  }

  @Override
  public void remove(String container) {
    wanted.remove(container);
    SocketChannel channel = running.remove(container);
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Override
  public Condition condition(String container) {
    boolean runs = running.containsKey(container);
    return new Condition(runs, runs ? 0 : 137, outOfMemory);
  }

  @Override
  public String lastWords(String container) {
    return "";
  }

  @Override
  public List<Found> below(String id) {
    return wanted.entrySet().stream()
        .map(e -> new Found(e.getKey(), e.getValue().labels(), running.containsKey(e.getKey())))
        .toList();
  }

  @Override
  public void close() {
    wanted.keySet().forEach(this::remove);
  }
}
