package dev.nexus.standalone.demo;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.scriptedmodel.triage.Delivery;
import dev.nexus.scriptedmodel.triage.Webhook;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Delivers webhooks as GitHub does: a POST signed with the secret that both sides know.
final class HookClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final String baseUrl;
  private final String secret;
  // Each webhook is delivered many times.
  private final Map<Webhook, Signed> bodies = Collections.synchronizedMap(new IdentityHashMap<>());

  private record Signed(byte[] body, String signature) {}

  HookClient(String baseUrl, String secret) {
    this.baseUrl = baseUrl;
    this.secret = secret;
  }

  /// Delivers once; throws `IOException` with the platform's own words when it is refused.
  void deliver(Delivery delivery) throws IOException, InterruptedException {
    Signed signed = bodies.computeIfAbsent(delivery.webhook(), this::sign);
    URI uri = URI.create(baseUrl + "/v1/hooks/" + delivery.hook().integrationId());
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .header("User-Agent", "GitHub-Hookshot/nexus-demo")
            .header("X-GitHub-Event", delivery.webhook().event())
            .header("X-GitHub-Delivery", delivery.id())
            .header("X-Hub-Signature-256", signed.signature())
            .POST(BodyPublishers.ofByteArray(signed.body()))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(
          "delivery to " + uri + " refused with " + response.statusCode() + ": " + response.body());
    }
  }

  private Signed sign(Webhook webhook) {
    byte[] body = CanonicalJson.write(webhook.payload()).getBytes(StandardCharsets.UTF_8);
    return new Signed(body, signature(secret, body));
  }

  /// The execution that a delivery starts; the platform derives the same id from source and id, so
  /// that a repeated delivery meets it again.
  static String executionOf(String appId, String component, Delivery delivery) {
    return ExecutionId.ofSource(
            TenantId.DEFAULT, appId, component, delivery.hook().source(), delivery.id())
        .toString();
  }

  static String signature(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is part of every Java runtime", e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
