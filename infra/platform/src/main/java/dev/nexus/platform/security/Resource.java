package dev.nexus.platform.security;

/// What an action is done to, within the principal's own tenant unless it says otherwise.
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

  /// What belongs to no application, such as the tenant's keys.
  record Installation() implements Resource {
    @Override
    public String toString() {
      return "installation";
    }
  }

  /// The tenants of this installation, which operators of the tenant `default` look after.
  record Tenants() implements Resource {
    @Override
    public String toString() {
      return "tenants";
    }
  }

  /// The log itself, with records of every tenant and some that are nobody's: for operators of the
  /// tenant `default`.
  record Log() implements Resource {
    @Override
    public String toString() {
      return "log";
    }
  }

  static Resource app(String appId) {
    return new Application(appId);
  }
}
