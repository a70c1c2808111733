package dev.nexus.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// An OpenAI-compatible server that says the same after a long time: it keeps every model permit
/// taken, so that prompts queue.
final class SlowModel implements AutoCloseable {
  private static final byte[] ANSWER =
      """
      {"id":"slow","object":"chat.completion","created":0,"model":"slow","choices":[{"index":0,\
      "finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"{}",\
      "refusal":null}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
      """
          .getBytes(StandardCharsets.UTF_8);

  private final HttpServer server;

  SlowModel(Duration latency) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          try {
            TimeUnit.NANOSECONDS.sleep(latency.toNanos());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, ANSWER.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(ANSWER);
          }
        });
    server.start();
  }

  /// Base URL as `NEXUS_LLM_BASE_URL` takes it.
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
