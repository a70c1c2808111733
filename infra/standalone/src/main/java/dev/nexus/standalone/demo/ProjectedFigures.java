package dev.nexus.standalone.demo;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.standalone.run.Platform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the projections answer about the sample and the oracle's own work, asked over HTTP once
/// they have folded everything.
///
/// @param figures by name; a figure the answer lacks is 0
/// @param problem why there is no answer; "" when there is one
record ProjectedFigures(Map<String, Long> figures, String problem) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(100);

  /// Where a figure stands in the answer.
  private static final Map<String, String> PLACES =
      Map.ofEntries(
          entry("requests", "/requests"),
          entry("failed", "/failed"),
          entry("served by the model", "/tiers/model/count"),
          entry("served by code", "/tiers/code/count"),
          entry("inputs declined", "/declined"),
          entry("failed attempts", "/failedAttempts"),
          entry("audits", "/audits"),
          entry("tokens", "/tokens/spent"),
          entry("tokens saved", "/tokens/saved"),
          entry("cost", "/costMicros/spent"),
          entry("tokens of the oracle", "/system/tokens/spent"),
          entry("cost of the oracle", "/system/costMicros/spent"),
          entry("candidates proposed", "/candidates/proposed"),
          entry("candidates rejected", "/candidates/rejected"),
          entry("candidates promoted", "/candidates/promoted"),
          entry("candidates demoted", "/candidates/demoted"));

  static ProjectedFigures read(Platform platform) throws InterruptedException {
    String key = OperatorKey.read(platform.dataDirectory()).orElse("");
    URI uri = URI.create(platform.addresses().http() + "/v1/summary");
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
    Map<String, Long> figures = new LinkedHashMap<>();
    PLACES.forEach((name, place) -> figures.put(name, summary.at(place).asLong()));
    for (String tier : List.of("model", "code")) {
      figures.put(
          rightBy(tier), perTenThousand(summary.at("/tiers/" + tier + "/accuracy").asDouble()));
    }
    return new ProjectedFigures(figures, "");
  }

  private static ProjectedFigures unanswered(String problem) {
    return new ProjectedFigures(Map.of(), problem);
  }

  /// Where the projections differ from the fold of the log; empty when they say the same.
  List<String> differences(DemoReport log) {
    if (!problem.isEmpty()) {
      return List.of(problem);
    }
    List<String> differences = new ArrayList<>();
    folded(log)
        .forEach(
            (name, count) -> {
              long projected = figures.getOrDefault(name, 0L);
              if (projected != count) {
                differences.add(name + " " + count + " in the log, " + projected + " projected");
              }
            });
    return differences;
  }

  private static Map<String, Long> folded(DemoReport log) {
    Map<String, Long> folded = new LinkedHashMap<>();
    folded.put("requests", log.totals().requests());
    folded.put("failed", log.totals().failed());
    folded.put("served by the model", log.model().count());
    folded.put("served by code", log.code().count());
    folded.put(rightBy("model"), perTenThousand(log.model().accuracy()));
    folded.put(rightBy("code"), perTenThousand(log.code().accuracy()));
    folded.put("inputs declined", log.totals().deopts());
    folded.put("failed attempts", log.totals().failedAttempts());
    folded.put("audits", log.totals().audits().count());
    folded.put("tokens", log.totals().application().tokens());
    folded.put("tokens saved", log.tokensSaved());
    folded.put("cost", log.totals().application().costMicros());
    folded.put("tokens of the oracle", log.totals().oracle().tokens());
    folded.put("cost of the oracle", log.totals().oracle().costMicros());
    folded.put("candidates proposed", log.candidates().proposed());
    folded.put("candidates rejected", log.candidates().rejected());
    folded.put("candidates promoted", log.candidates().promoted());
    folded.put("candidates demoted", log.candidates().demoted());
    return folded;
  }

  private static String rightBy(String tier) {
    return "right answers of " + tier + " in 10,000";
  }

  private static long perTenThousand(double share) {
    return Math.round(share * 10_000);
  }
}
