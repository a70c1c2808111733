package dev.nexus.oracle.topology;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Made-up webhooks in the proportions of the sample: 229 of users' repositories, 51 of
/// organisations' and 44 without a repository; and the two candidates that are tried on them.
final class Webhooks {
  static final String USERS_ONLY =
      "function handle(input) { if (!input.repository) deopt('no repository');"
          + " return {scope: 'user', name: input.repository.name}; }";
  static final String BY_OWNER =
      "function handle(input) { if (!input.repository) deopt('no repository');"
          + " return {scope: input.repository.owner === 'Organization' ? 'organization' : 'user',"
          + " name: input.repository.name}; }";

  private Webhooks() {}

  static List<Json> all() {
    List<Json> all = new ArrayList<>();
    for (int i = 0; i < 324; i++) {
      String owner = i < 229 ? "User" : "Organization";
      all.add(
          new Json(
              i < 280
                  ? "{\"id\":%d,\"repository\":{\"name\":\"r%d\",\"owner\":\"%s\"}}"
                      .formatted(i, i, owner)
                  : "{\"id\":%d}".formatted(i)));
    }
    return all;
  }

  /// Sixty of users first, then passes over all of them, each in an order of its own.
  static List<Json> deliveries(long seed, int passes) {
    Random random = new Random(seed);
    List<Json> deliveries = new ArrayList<>();
    for (int pass = 0; pass < passes; pass++) {
      List<Json> order = all();
      Collections.shuffle(order, random);
      if (pass == 0) {
        List<Json> users = order.stream().filter(w -> w.text().contains("User")).limit(60).toList();
        order.removeAll(users);
        deliveries.addAll(users);
      }
      deliveries.addAll(order);
    }
    return deliveries;
  }

  static Json truth(Json webhook) {
    JsonNode repository = CanonicalJson.read(webhook).path("repository");
    boolean organisation =
        repository.isMissingNode() || repository.path("owner").asText().equals("Organization");
    return new Json(
        "{\"scope\":\"%s\",\"name\":\"%s\"}"
            .formatted(organisation ? "organization" : "user", repository.path("name").asText()));
  }

  /// Runs a candidate, recognised by its source.
  static CodeAnswer run(String source, Json webhook) {
    if (CanonicalJson.read(webhook).path("repository").isMissingNode()) {
      return new CodeAnswer.Declined("no repository");
    }
    return new CodeAnswer.Answered(
        source.contains("'Organization'")
            ? truth(webhook)
            : new Json(truth(webhook).text().replace("organization", "user")));
  }

  /// Knows of organisations only what the examples show.
  static Json generate(Json request) {
    boolean organisationShown = request.text().contains("\"owner\":\"Organization\"");
    return CanonicalJson.toJson(
        java.util.Map.of("source", organisationShown ? BY_OWNER : USERS_ONLY));
  }
}
