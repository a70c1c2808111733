package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.scriptedmodel.JsonText;
import dev.nexus.scriptedmodel.Script;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers triage prompts by the payload that stands in them, alone or as `payload` of a whole
/// input.
public final class TriageScript implements Script {
  private final Map<String, ScriptedAnswer> answers = new HashMap<>();

  public TriageScript(TriageCorpus corpus) {
    for (Webhook webhook : corpus.webhooks()) {
      String fingerprint = JsonText.fingerprint(webhook.payload());
      answers.put(fingerprint, new ScriptedAnswer(fingerprint, webhook.truth(), mistakes(webhook)));
    }
  }

  @Override
  public Optional<ScriptedAnswer> answer(List<JsonNode> found) {
    return found.stream()
        .map(value -> value.path("payload").isObject() ? value.path("payload") : value)
        .filter(JsonNode::isObject)
        .flatMap(
            payload -> Optional.ofNullable(answers.get(JsonText.fingerprint(payload))).stream())
        .findFirst();
  }

  /// What a model gets wrong here: the scope, the actor, an action taken for missing.
  private static List<JsonNode> mistakes(Webhook webhook) {
    var mistakes = new ArrayList<JsonNode>();
    boolean organisation = webhook.truth().path("scope").asText().equals("organization");
    mistakes.add(changed(webhook).put("scope", organisation ? "user" : "organization"));
    mistakes.add(changed(webhook).put("actor", webhook.event()));
    if (webhook.truth().path("action").isTextual()) {
      mistakes.add(changed(webhook).putNull("action"));
    }
    return mistakes;
  }

  private static ObjectNode changed(Webhook webhook) {
    return webhook.truth().deepCopy();
  }
}
