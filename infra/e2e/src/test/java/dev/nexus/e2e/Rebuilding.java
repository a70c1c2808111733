package dev.nexus.e2e;

import dev.nexus.rig.ApiClients;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Rebuilds of the projections of a platform, as an operator asks for them.
final class Rebuilding {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private Rebuilding() {}

  /// Begins a rebuild, or goes on with one that was killed. Gives the status, or why it is refused:
  /// the lease of a killed one has to run out first.
  static String begin(ChildPlatform platform) throws IOException, InterruptedException {
    return call(platform, "POST");
  }

  /// Begins one, as soon as that is possible, and waits until it has switched over and swept.
  static void finish(ChildPlatform platform) {
    Eventually.value(PATIENCE, () -> begin(platform), s -> s.contains("\"running\""), "a rebuild");
    Eventually.value(
        PATIENCE, () -> call(platform, "GET"), s -> s.contains("\"done\""), "the rebuild's end");
  }

  private static String call(ChildPlatform platform, String method)
      throws IOException, InterruptedException {
    try (DocumentedClient client = ApiClients.client()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(platform.run().addresses().http() + "/v1/projections/rebuild"))
              .header("Authorization", "Bearer " + platform.operatorKey())
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
