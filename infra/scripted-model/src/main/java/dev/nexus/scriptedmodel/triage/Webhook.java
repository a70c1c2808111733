package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;

/// One real webhook of the corpus with its right answer.
///
/// @param event as in the header `X-GitHub-Event`
/// @param truth what [TriageRule] says
public record Webhook(String event, JsonNode payload, JsonNode truth) {

  static Webhook of(String event, JsonNode payload) {
    return new Webhook(event, payload, TriageRule.answer(event, payload));
  }

  public boolean hasRepository() {
    return payload.path("repository").isObject();
  }

  public boolean fromUsersRepository() {
    return hasRepository() && !TriageRule.ofOrganisation(payload);
  }

  public boolean fromOrganisationsRepository() {
    return hasRepository() && TriageRule.ofOrganisation(payload);
  }

  /// Which of the two hooks delivers it.
  public Hook hook() {
    return TriageRule.ofOrganisation(payload) ? Hook.ORGANISATION : Hook.USERS;
  }
}
