package dev.nexus.executor.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.executor.container.ServiceEngine.Conversation;
import dev.nexus.executor.container.ServiceEngine.Prints;
import dev.nexus.executor.http.HttpChannel.LateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// Speaks JSON-RPC with a program by its standard input and output, a message a line as in MCP.
/// Callers share the one program: each request gets an id of ours, so that theirs cannot meet.
final class StdioRpc implements AutoCloseable {
  /// Bytes of a message; what is longer is not read.
  static final int LONGEST = 1 << 20;

  private static final int MOST_WAITING = 256;

  private final Map<Long, CompletableFuture<ObjectNode>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private volatile Optional<Conversation> conversation = Optional.empty();
  private volatile boolean closed;

  /// What takes the program's output.
  final Prints prints =
      new Prints() {
        private final Lines lines = new Lines(LONGEST, StdioRpc.this::answered);

        @Override
        public synchronized void printed(boolean isError, byte[] bytes) {
          if (!isError) {
            lines.take(bytes);
          }
        }

        @Override
        public void ended() {
          closed = true;
          waiting.values().forEach(one -> one.completeExceptionally(over("the service ended")));
        }
      };

  private static IOException over(String why) {
    return new IOException(why);
  }

  void with(Conversation begun) {
    conversation = Optional.of(begun);
  }

  private void answered(String line) {
    JsonNode message;
    try {
      message = CanonicalJson.read(line);
    } catch (MalformedJsonException e) {
      return; // what is no message is for nobody
    }
    if (message instanceof ObjectNode answer
        && answer.path("id").isIntegralNumber()
        && !answer.has("method")) {
      CompletableFuture<ObjectNode> one = waiting.get(answer.get("id").asLong());
      if (one != null) {
        one.complete(answer);
      }
    }
  }

  /// The answer to a request, under the id that it has; empty for what is answered by none.
  Optional<JsonNode> ask(ObjectNode message, Duration time) throws IOException {
    JsonNode id = message.get("id");
    if (id == null || id.isNull() || !message.has("method")) {
      write(message);
      return Optional.empty();
    }
    if (waiting.size() >= MOST_WAITING) {
      throw new IOException(MOST_WAITING + " requests wait for it already");
    }
    long own = ids.incrementAndGet();
    var answer = new CompletableFuture<ObjectNode>();
    waiting.put(own, answer);
    try {
      write(message.deepCopy().put("id", own));
      ObjectNode given = answer.get(time.toNanos(), TimeUnit.NANOSECONDS).deepCopy();
      given.set("id", id);
      return Optional.of(given);
    } catch (TimeoutException e) {
      throw new LateException(time);
    } catch (ExecutionException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for an answer", e);
    } finally {
      waiting.remove(own);
    }
  }

  private synchronized void write(ObjectNode message) throws IOException {
    Conversation there = conversation.orElseThrow(() -> over("the service does not listen yet"));
    if (closed) {
      throw over("the service ended");
    }
    there.input().write((CanonicalJson.write(message) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    prints.ended();
    if (conversation.isPresent()) {
      conversation.get().close();
    }
  }
}
