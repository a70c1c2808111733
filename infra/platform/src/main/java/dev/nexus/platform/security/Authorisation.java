package dev.nexus.platform.security;

import dev.nexus.event.TenantId;

/// The one authorisation decision of the platform: HTTP, gRPC and MCP all ask here.
public final class Authorisation {
  private Authorisation() {}

  /// The answer.
  public sealed interface Decision {
    record Allowed() implements Decision {}

    /// `reason` is for the audit and for the caller.
    record Denied(String reason) implements Decision {}
  }

  public static Decision decide(Principal principal, Action action, Resource resource) {
    if (spansTenants(resource) && !principal.tenant().equals(TenantId.DEFAULT)) {
      return new Decision.Denied(
          principal.words()
              + " belongs to tenant "
              + principal.tenant()
              + ", and only operators of tenant "
              + TenantId.DEFAULT
              + " look after what spans tenants");
    }
    boolean allowed = principal.scopes().stream().anyMatch(scope -> scope.allows(action, resource));
    return allowed
        ? new Decision.Allowed()
        : new Decision.Denied(principal.words() + " lacks " + needed(action, resource));
  }

  private static boolean spansTenants(Resource resource) {
    return switch (resource) {
      case Resource.Tenants _, Resource.Log _ -> true;
      case Resource.Application _, Resource.AllApplications _, Resource.Installation _ -> false;
    };
  }

  private static String needed(Action action, Resource resource) {
    return action == Action.OPERATE
            || resource instanceof Resource.Installation
            || spansTenants(resource)
        ? "the scope operator"
        : "the scope " + resource + ":" + action.word();
  }
}
