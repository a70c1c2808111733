package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The written rule that is the truth of webhook-triage.
public final class TriageRule {
  private TriageRule() {}

  /// The right answer: what has no value is null. `scope` is `organization` when an organisation
  /// owns the repository or, without a repository, when the payload names an organisation; else
  /// `user`.
  public static ObjectNode answer(String event, JsonNode payload) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("event", event);
    answer.set("action", textOrNull(payload.path("action")));
    answer.set("repository", textOrNull(payload.path("repository").path("full_name")));
    answer.set("actor", textOrNull(payload.path("sender").path("login")));
    answer.put("scope", ofOrganisation(payload) ? "organization" : "user");
    return answer;
  }

  static boolean ofOrganisation(JsonNode payload) {
    JsonNode repository = payload.path("repository");
    return repository.isObject()
        ? repository.path("owner").path("type").asText().equals("Organization")
        : payload.path("organization").isObject();
  }

  private static JsonNode textOrNull(JsonNode node) {
    return node.isTextual() ? node : JsonNodeFactory.instance.nullNode();
  }
}
