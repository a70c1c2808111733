package dev.nexus.scriptedmodel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// One answer in the form of the chat completions protocol. Token counts are estimates: a token is
/// taken for four characters.
///
/// @param id of the completion; every piece of a stream carries it
record ChatReply(String id, Instant created, String content, long promptTokens) {
  private static final int PIECE = 24;

  static long tokens(String text) {
    return (text.length() + 3L) / 4;
  }

  long completionTokens() {
    return tokens(content);
  }

  /// The answer in one piece.
  JsonNode whole() {
    ObjectNode reply = head("chat.completion");
    ObjectNode choice = reply.putArray("choices").addObject();
    choice.put("index", 0);
    ObjectNode message = choice.putObject("message");
    message.put("role", "assistant");
    message.put("content", content);
    message.putNull("refusal");
    choice.putNull("logprobs");
    choice.put("finish_reason", "stop");
    reply.set("usage", usage());
    return reply;
  }

  /// The answer in pieces, in order.
  List<JsonNode> pieces(boolean withUsage) {
    var pieces = new ArrayList<JsonNode>();
    pieces.add(piece(delta -> delta.put("role", "assistant").put("content", ""), ""));
    for (int at = 0; at < content.length(); at += PIECE) {
      String text = content.substring(at, Math.min(at + PIECE, content.length()));
      pieces.add(piece(delta -> delta.put("content", text), ""));
    }
    pieces.add(piece(_ -> {}, "stop"));
    if (withUsage) {
      ObjectNode last = head("chat.completion.chunk");
      last.putArray("choices");
      last.set("usage", usage());
      pieces.add(last);
    }
    return pieces;
  }

  /// An error in the form clients of the protocol expect.
  static JsonNode error(String type, String code, String message) {
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    ObjectNode error = reply.putObject("error");
    error.put("message", ScriptedModel.NAME + ": " + message);
    error.put("type", type);
    error.putNull("param");
    error.put("code", code);
    return reply;
  }

  private JsonNode piece(Consumer<ObjectNode> fill, String finish) {
    ObjectNode piece = head("chat.completion.chunk");
    ObjectNode choice = piece.putArray("choices").addObject();
    choice.put("index", 0);
    fill.accept(choice.putObject("delta"));
    choice.putNull("logprobs");
    if (finish.isEmpty()) {
      choice.putNull("finish_reason");
    } else {
      choice.put("finish_reason", finish);
    }
    return piece;
  }

  private ObjectNode head(String object) {
    ObjectNode head = JsonNodeFactory.instance.objectNode();
    head.put("id", id);
    head.put("object", object);
    head.put("created", created.getEpochSecond());
    head.put("model", ScriptedModel.NAME);
    head.put("system_fingerprint", ScriptedModel.NAME);
    return head;
  }

  private ObjectNode usage() {
    ObjectNode usage = JsonNodeFactory.instance.objectNode();
    usage.put("prompt_tokens", promptTokens);
    usage.put("completion_tokens", completionTokens());
    usage.put("total_tokens", promptTokens + completionTokens());
    return usage;
  }
}
