package dev.nexus.executor.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A local HTTP server that speaks the OpenAI protocol and answers what a test lines up.
public final class ModelServer implements AutoCloseable {

  /// Answers one call.
  public interface Answer {
    void give(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
  private final List<Headers> headers = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  public ModelServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/chat/completions", this::handle);
    server.start();
  }

  public String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /// Bodies of the calls so far.
  public List<JsonNode> requests() {
    return requests;
  }

  /// Headers of the calls so far.
  public List<Headers> headers() {
    return headers;
  }

  public ModelServer then(Answer answer) {
    synchronized (answers) {
      answers.add(answer);
    }
    return this;
  }

  /// Answers with text, 10 prompt tokens and 5 completion tokens.
  public ModelServer thenText(String text) {
    return thenJson(completion(text, "stop", null));
  }

  public ModelServer thenJson(String body) {
    return then(exchange -> send(exchange, 200, Map.of(), body));
  }

  public ModelServer thenStatus(int status, Map<String, String> headers) {
    return then(
        exchange ->
            send(
                exchange, status, headers, "{\"error\":{\"message\":\"no luck " + status + "\"}}"));
  }

  /// Never answers.
  public ModelServer thenSilence() {
    return thenSilenceAfter(() -> {});
  }

  /// Does something when it is called and never answers.
  ModelServer thenSilenceAfter(Runnable action) {
    return then(
        exchange -> {
          action.run();
          closing.await();
        });
  }

  /// Sends the answer's bytes so slowly that it never ends.
  public ModelServer thenDribble() {
    return then(
        exchange -> {
          exchange.getResponseHeaders().add("content-type", "application/json");
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          while (!closing.await(20, TimeUnit.MILLISECONDS)) {
            out.write(' ');
            out.flush();
          }
        });
  }

  static String completion(String text, String finish, String refusal) {
    return CanonicalJson.toJson(
            Map.of(
                "id",
                "c1",
                "object",
                "chat.completion",
                "created",
                1,
                "model",
                "gpt-4o-mini-2024-07-18",
                "choices",
                List.of(
                    Map.of(
                        "index",
                        0,
                        "finish_reason",
                        finish,
                        "message",
                        refusal == null
                            ? Map.of("role", "assistant", "content", text)
                            : Map.of("role", "assistant", "content", "", "refusal", refusal))),
                "usage",
                Map.of("prompt_tokens", 10, "completion_tokens", 5, "total_tokens", 15)))
        .text();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    headers.add(exchange.getRequestHeaders());
    requests.add(CanonicalJson.read(body));
    Answer answer;
    synchronized (answers) {
      answer = answers.poll();
    }
    try (exchange) {
      if (answer == null) {
        send(exchange, 500, Map.of(), "{\"error\":{\"message\":\"no answer lined up\"}}");
      } else {
        answer.give(exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(
      HttpExchange exchange, int status, Map<String, String> headers, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("content-type", "application/json");
    headers.forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
  }
}
