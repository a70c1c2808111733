package dev.nexus.platform.security;

/// What an action is done to, within the principal's own tenant.
public sealed interface Resource {

  /// One application, with its executions.
  record Application(String appId) implements Resource {
    @Override
    public String toString() {
      return "app:" + appId;
    }
  }

  /// No application in particular: whatever spans all of them.
  record AllApplications() implements Resource {
    @Override
    public String toString() {
      return "app:*";
    }
  }

  /// The installation itself, such as its keys.
  record Installation() implements Resource {
    @Override
    public String toString() {
      return "installation";
    }
  }

  static Resource app(String appId) {
    return new Application(appId);
  }
}
