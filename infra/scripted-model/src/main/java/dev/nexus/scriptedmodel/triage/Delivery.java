package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/// One delivery of a webhook.
///
/// @param number of the delivery, from 1
/// @param id unique per delivery, as in the header `X-GitHub-Delivery`; CloudEvent id too
public record Delivery(int number, String id, Webhook webhook) {
  /// Type of the CloudEvent that reports the right answer afterwards.
  public static final String TRUTH_TYPE = "dev.nexus.truth";

  public Hook hook() {
    return webhook.hook();
  }

  /// Data of the truth event: which event it is about and what the answer should have been.
  public JsonNode truthData(String source) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("source", source)
        .put("id", id)
        .set("output", webhook.truth());
  }
}
