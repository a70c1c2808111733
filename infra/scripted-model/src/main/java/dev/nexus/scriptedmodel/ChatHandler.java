package dev.nexus.scriptedmodel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.nexus.scriptedmodel.Conversation.Turn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.function.Consumer;

/// The HTTP side: `POST /v1/chat/completions` and `GET /v1/models`. A waiting answer holds one
/// virtual thread.
final class ChatHandler implements HttpHandler {
  private static final int MAX_BODY_BYTES = 8 * 1024 * 1024;

  private final Conversation conversation;
  private final Tally tally;
  private final Clock clock;
  private final Consumer<String> traces;

  /// @param traces is told the `traceparent` of each completion that is asked for, "" for none
  ChatHandler(Conversation conversation, Tally tally, Clock clock, Consumer<String> traces) {
    this.conversation = conversation;
    this.tally = tally;
    this.clock = clock;
    this.traces = traces;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Server", ScriptedModel.NAME);
      String road = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      switch (road) {
        case "POST /v1/chat/completions" -> complete(exchange);
        case "GET /v1/models" -> send(exchange, 200, models());
        default -> fail(exchange, 404, "not_found", "no " + road + " here");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void complete(HttpExchange exchange) throws IOException, InterruptedException {
    String trace = exchange.getRequestHeaders().getFirst("traceparent");
    traces.accept(Objects.requireNonNullElse(trace, ""));
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      tally.add(Count.INVALID);
      fail(exchange, 413, "too_large", "at most " + MAX_BODY_BYTES + " bytes are read");
      return;
    }
    ChatRequest request;
    try {
      request = ChatRequest.parse(new String(body, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      tally.add(Count.INVALID);
      fail(exchange, 400, "invalid_request", String.valueOf(e.getMessage()));
      return;
    }
    switch (conversation.reply(request.prompt())) {
      case Turn.Say say -> say(exchange, request, say);
      case Turn.Fail(int status, Duration latency) -> {
        Thread.sleep(latency);
        failAsModelsDo(exchange, status);
      }
      case Turn.Unknown() ->
          fail(
              exchange,
              400,
              "unknown_input",
              "no script knows an input of this prompt, and nothing is made up");
    }
  }

  private void say(HttpExchange exchange, ChatRequest request, Turn.Say say)
      throws IOException, InterruptedException {
    long promptTokens = ChatReply.tokens(request.prompt());
    var reply = new ChatReply(say.id(), clock.instant(), say.content(), promptTokens);
    tally.add(Count.PROMPT_TOKENS, promptTokens);
    tally.add(Count.COMPLETION_TOKENS, reply.completionTokens());
    if (request.stream()) {
      stream(exchange, reply, request.usageInStream(), say);
    } else {
      Thread.sleep(say.latency().plus(say.stall()));
      send(exchange, 200, reply.whole());
    }
  }

  /// The first piece comes after half the latency, the others evenly over the rest.
  private static void stream(
      HttpExchange exchange, ChatReply reply, boolean withUsage, Turn.Say say)
      throws IOException, InterruptedException {
    var pieces = reply.pieces(withUsage);
    Duration half = say.latency().dividedBy(2);
    Duration gap = half.dividedBy(pieces.size());
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.getResponseHeaders().set("Cache-Control", "no-cache");
    Thread.sleep(half);
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      Iterator<JsonNode> rest = pieces.iterator();
      writeEvent(out, JsonText.write(rest.next()));
      Thread.sleep(say.stall());
      while (rest.hasNext()) {
        Thread.sleep(gap);
        writeEvent(out, JsonText.write(rest.next()));
      }
      writeEvent(out, "[DONE]");
    }
  }

  private static void writeEvent(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void failAsModelsDo(HttpExchange exchange, int status) throws IOException {
    if (status == 429) {
      exchange.getResponseHeaders().set("Retry-After", "1");
      fail(exchange, status, "rate_limit_exceeded", "too many requests, as scripted");
    } else {
      fail(exchange, status, "server_error", "failing as scripted");
    }
  }

  private static void fail(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    String type = status < 500 ? "invalid_request_error" : "server_error";
    send(exchange, status, ChatReply.error(status == 429 ? "requests" : type, code, message));
  }

  private static JsonNode models() {
    var list = JsonNodeFactory.instance.objectNode().put("object", "list");
    list.putArray("data")
        .addObject()
        .put("id", ScriptedModel.NAME)
        .put("object", "model")
        .put("created", 0)
        .put("owned_by", ScriptedModel.NAME);
    return list;
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = JsonText.write(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
