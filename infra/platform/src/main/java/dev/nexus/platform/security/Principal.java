package dev.nexus.platform.security;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import java.time.Instant;
import java.util.List;

/// Who a call comes from, once its key or pass was checked.
///
/// @param kind what `id` is of
/// @param depth how many executions stand one above the other here, each called by code of the
///     one above; 0 for somebody with a key
/// @param until when whatever it began must have ended; `Instant.MAX` for keys, whose own end says
///     only when no more can be begun
public record Principal(
    TenantId tenant, Kind kind, String id, int depth, List<Scope> scopes, Instant until) {
  private static final String KEY = "key:";
  private static final String EXECUTION = "execution:";
  private static final String SERVICE = "service:";

  /// Who may call.
  public enum Kind {
    KEY,

    /// Code of an execution, which has a pass while it runs.
    EXECUTION,

    /// A service of an application, for which its executor has a pass while it runs.
    SERVICE
  }

  public Principal {
    scopes = List.copyOf(scopes);
  }

  /// Somebody with a key.
  public static Principal ofKey(TenantId tenant, String keyId, List<Scope> scopes) {
    return new Principal(tenant, Kind.KEY, keyId, 0, scopes, Instant.MAX);
  }

  /// Code of an execution, which may run the components of its application.
  public static Principal ofExecution(
      TenantId tenant, String appId, ExecutionId execution, int depth, Instant until) {
    return new Principal(
        tenant,
        Kind.EXECUTION,
        execution.toString(),
        depth,
        List.of(new Scope.OnApplication(appId, Action.INVOKE)),
        until);
  }

  /// A service, which may run the components of its application.
  public static Principal ofService(TenantId tenant, String appId, String service, Instant until) {
    return new Principal(
        tenant,
        Kind.SERVICE,
        appId + "/" + service,
        0,
        List.of(new Scope.OnApplication(appId, Action.INVOKE)),
        until);
  }

  /// As written into the `actor` column of events: `key:<id>`, `execution:<id>/<depth>` or
  /// `service:<app>/<name>`.
  public String actor() {
    return switch (kind) {
      case KEY -> KEY + id;
      case EXECUTION -> EXECUTION + id + "/" + depth;
      case SERVICE -> SERVICE + id;
    };
  }

  /// The depth of whoever asked for something, from what stands in its events.
  ///
  /// @param actor as `actor()` gives it, or of another kind, which has none
  public static int depth(String actor) {
    int slash = actor.lastIndexOf('/');
    return actor.startsWith(EXECUTION) && slash > 0
        ? Integer.parseInt(actor.substring(slash + 1))
        : 0;
  }

  /// In words, for messages.
  public String words() {
    return switch (kind) {
      case KEY -> "key " + id;
      case EXECUTION -> "execution " + id;
      case SERVICE -> "service " + id;
    };
  }
}
