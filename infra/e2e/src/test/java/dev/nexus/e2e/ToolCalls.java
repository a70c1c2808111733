package dev.nexus.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.ApiClients;
import dev.nexus.testkit.DocumentedClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// An MCP client that calls a tool again and again, each time with its idempotency key until it has
/// the answer, however often the gateway goes away.
final class ToolCalls implements AutoCloseable {
  private final DocumentedClient client = ApiClients.client();
  private final Set<String> executions = ConcurrentHashMap.newKeySet();
  private final String url;
  private final String key;
  private final Thread thread;
  private volatile boolean finishing;
  private volatile Optional<AssertionError> undocumented = Optional.empty();

  /// @param url of the gateway, or of who passes calls on to it
  ToolCalls(String url, String key) {
    this.url = url;
    this.key = key;
    this.thread = Thread.ofPlatform().daemon().name("tool-calls").start(this::run);
  }

  /// Executions that answered.
  Set<String> executions() {
    return Set.copyOf(executions);
  }

  private void run() {
    try {
      for (int number = 0; !finishing; number++) {
        call(number + "-" + System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (AssertionError e) {
      undocumented = Optional.of(e);
    }
  }

  private void call(String name) throws InterruptedException {
    String body =
        """
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
          "name": "echo", "arguments": {"n": 1},
          "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "dev.nexus/idempotencyKey": "%s"}}}
        """
            .formatted(name);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/mcp/kill"))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", "tools/call")
            .header("Mcp-Name", "echo")
            .POST(BodyPublishers.ofString(body))
            .build();
    while (true) {
      try {
        var response = client.send(request, BodyHandlers.ofString());
        JsonNode result = CanonicalJson.read(response.body()).path("result");
        String execution = result.at("/_meta/dev.nexus~1executionId").asText();
        if (!execution.isEmpty() && !result.path("isError").asBoolean()) {
          executions.add(execution);
          return;
        }
      } catch (IOException | IllegalArgumentException e) {
        // Who answers is gone or not back yet.
      }
      // The same call again.
      TimeUnit.MILLISECONDS.sleep(30);
    }
  }

  /// Begins no new call and waits for the answer of the last one.
  Set<String> finish() throws InterruptedException {
    finishing = true;
    if (!thread.join(Callers.PATIENCE)) {
      throw new IllegalStateException("a tool call has no answer after " + Callers.PATIENCE);
    }
    undocumented.ifPresent(
        error -> {
          throw error;
        });
    return executions();
  }

  @Override
  public void close() {
    thread.interrupt();
    client.shutdownNow();
  }
}
