package dev.nexus.platform.security;

import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.security.Authorisation.Decision;
import dev.nexus.platform.security.KeyRing.Verdict;

/// The gate in front of every edge. It blocks while a refusal is written to the audit, so callers
/// on an event loop leave it first.
public final class AccessControl {
  private static final String BEARER = "bearer ";

  private final KeyRing keys;
  private final ExecutionPasses passes;
  private final DenialAudit audit;

  public AccessControl(KeyRing keys, ExecutionPasses passes, DenialAudit audit) {
    this.keys = keys;
    this.passes = passes;
    this.audit = audit;
  }

  /// The key in the headers `Authorization: Bearer …` or `X-API-Key`; "" when there is none.
  public static String presentedKey(String authorization, String apiKey) {
    return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? authorization.substring(BEARER.length()).strip()
        : apiKey.strip();
  }

  /// Checks a presented key or pass without blocking; refusing an invalid one is `refuse`'s part.
  public Verdict verify(String presented) {
    return ExecutionPasses.looksLikeOne(presented)
        ? passes.verify(presented)
        : keys.verify(presented);
  }

  /// Who presents this key; throws `AccessRefusedException` when it is no good.
  public Principal authenticate(String presented, String action, String remoteAddress) {
    return switch (verify(presented)) {
      case Verdict.Valid(var principal) -> principal;
      case Verdict.Invalid invalid -> throw refuse(invalid, action, action, remoteAddress);
    };
  }

  /// Audits that a key was no good; the exception is for throwing or answering. Throws it itself
  /// where the address was refused too often.
  ///
  /// @param route what was tried, in words of ours, where the action has some of the caller's
  public AccessRefusedException refuse(
      Verdict.Invalid invalid, String action, String route, String remoteAddress) {
    String actor = invalid.keyId().isEmpty() ? AuditTrail.ANONYMOUS : "key:" + invalid.keyId();
    audit.denied(
        TenantId.DEFAULT,
        actor,
        route,
        new AccessDenied(action, "", invalid.reason(), remoteAddress));
    return new AccessRefusedException(
        AccessRefusedException.Kind.UNAUTHENTICATED, advice(invalid.reason()));
  }

  /// Lets pass what the principal's scopes allow; throws `AccessRefusedException` otherwise.
  public void require(Principal principal, Action action, Resource resource, String remoteAddress) {
    switch (Authorisation.decide(principal, action, resource)) {
      case Decision.Allowed() -> {}
      case Decision.Denied(var reason) -> {
        audit.denied(
            principal.tenant(),
            principal.actor(),
            new AccessDenied(action.word(), resource.toString(), "scope", remoteAddress));
        throw new AccessRefusedException(AccessRefusedException.Kind.FORBIDDEN, reason);
      }
    }
  }

  private static String advice(String reason) {
    return switch (reason) {
      case "no-key" -> "a key is needed: send Authorization: Bearer nxs_live_… or X-API-Key";
      case "expired" -> "the key has expired: ask an operator for a new one";
      case "pass-ended" -> "the call that this pass was made for has ended";
      case "revoked" -> "the key was revoked: ask an operator for a new one";
      default -> "the key is not known here: check that it was copied whole";
    };
  }
}
