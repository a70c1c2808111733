package dev.nexus.scriptedmodel.triage;

/// The two integrations of the sample: the hook on users' repositories, there from the start, and
/// the organisation's, connected later.
public enum Hook {
  USERS("users", "https://github.com/users"),
  ORGANISATION("organisation", "https://github.com/organisation");

  private final String integrationId;
  private final String source;

  Hook(String integrationId, String source) {
    this.integrationId = integrationId;
    this.source = source;
  }

  /// Id of the integration in the sample's definition.
  public String integrationId() {
    return integrationId;
  }

  /// Source of its CloudEvents.
  public String source() {
    return source;
  }
}
