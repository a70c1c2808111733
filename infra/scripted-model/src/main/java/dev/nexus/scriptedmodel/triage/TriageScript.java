package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.scriptedmodel.JsonText;
import dev.nexus.scriptedmodel.Script;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Answers triage prompts by the payload that stands in them, alone or as `payload` of a whole
/// input.
public final class TriageScript implements Script {
  private final TriageCorpus corpus;

  public TriageScript(TriageCorpus corpus) {
    this.corpus = corpus;
  }

  @Override
  public Optional<ScriptedAnswer> answer(List<JsonNode> found) {
    return found.stream()
        .filter(JsonNode::isObject)
        .flatMap(value -> Stream.of(value, value.path("payload")))
        .filter(JsonNode::isObject)
        .flatMap(payload -> corpus.withPayload(payload).stream())
        .findFirst()
        .map(TriageScript::answer);
  }

  private static ScriptedAnswer answer(Webhook webhook) {
    return new ScriptedAnswer(
        JsonText.fingerprint(webhook.payload()), webhook.truth(), mistakes(webhook));
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
