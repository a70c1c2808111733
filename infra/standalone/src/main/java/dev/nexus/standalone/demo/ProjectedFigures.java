package dev.nexus.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.standalone.run.OperatorKey;
import dev.nexus.standalone.run.Platform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What the projections answer about the sample, asked over HTTP once they have folded everything.
///
/// @param problem why there is no answer; "" when there is one
record ProjectedFigures(long requests, long failed, long model, long code, String problem) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(100);

  static ProjectedFigures read(Platform platform) throws InterruptedException {
    String key = OperatorKey.read(platform.dataDirectory()).orElse("");
    URI uri =
        URI.create(platform.addresses().http() + "/v1/summary?app=" + SampleApplication.APP_ID);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + key)
            .build();
    long end = System.nanoTime() + PATIENCE.toNanos();
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (true) {
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
          return unanswered("HTTP " + response.statusCode() + ": " + response.body());
        }
        JsonNode summary = CanonicalJson.read(response.body());
        if (summary.path("lag").asLong() == 0) {
          return of(summary);
        }
        if (System.nanoTime() > end) {
          return unanswered("still " + summary.path("lag") + " records behind");
        }
        Thread.sleep(LOOK);
      }
    } catch (IOException e) {
      return unanswered(String.valueOf(e.getMessage()));
    }
  }

  static ProjectedFigures of(JsonNode summary) {
    return new ProjectedFigures(
        summary.path("requests").asLong(),
        summary.path("failed").asLong(),
        summary.at("/tiers/model/count").asLong(),
        summary.at("/tiers/code/count").asLong(),
        "");
  }

  private static ProjectedFigures unanswered(String problem) {
    return new ProjectedFigures(0, 0, 0, 0, problem);
  }

  /// Where the projections differ from the fold of the log; empty when they say the same.
  List<String> differences(ExecutionLedger.Totals totals, Served byModel, Served byCode) {
    if (!problem.isEmpty()) {
      return List.of(problem);
    }
    List<String> differences = new ArrayList<>();
    compare("requests", totals.requests(), requests, differences);
    compare("failed", totals.failed(), failed, differences);
    compare("served by the model", byModel.count(), model, differences);
    compare("served by code", byCode.count(), code, differences);
    return differences;
  }

  private static void compare(String what, long log, long projected, List<String> differences) {
    if (log != projected) {
      differences.add(what + " " + log + " in the log, " + projected + " projected");
    }
  }
}
