package dev.nexus.e2e;

import dev.nexus.rig.PlatformExtension;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;

/// The webhook of the application `intake`, which takes what GitHub delivers.
final class IntakeHook {
  private static final String ID = "intake-github";

  private final PlatformExtension platform;

  IntakeHook(PlatformExtension platform) {
    this.platform = platform;
  }

  /// Publishes the application, with the secret where its definition points.
  void publish() throws IOException {
    Deliveries.provideSecret(platform.platform().dataDirectory(), ID);
    platform.apply("intake");
  }

  /// Delivers an issue, signed as GitHub signs it.
  HttpResponse<String> deliver(String body, String delivery) {
    return deliver(body, Deliveries.signature(body), delivery);
  }

  HttpResponse<String> deliver(String body, String signature, String delivery) {
    return platform.send(
        "POST",
        "/v1/hooks/" + ID,
        "",
        body,
        List.of(
            "X-Hub-Signature-256", signature,
            "X-GitHub-Event", "issues",
            "X-GitHub-Delivery", delivery));
  }
}
