package dev.nexus.command.execution;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.task.Tier;
import java.time.Duration;
import java.util.Optional;

/// How a component would be run now: looked up by the edge of the router, so that the decision
/// itself looks nothing up.
public sealed interface Plan {

  /// The version the request names has not arrived yet.
  record Unknown() implements Plan {}

  /// The version is here and has no such component.
  record Missing(String detail) implements Plan {}

  record Known(ComponentDefinition component, String identityDigest, Choice choice, Policy policy)
      implements Plan {}

  /// Who serves and who runs beside.
  ///
  /// @param candidateHash code that serves; "" when the definition itself does
  /// @param shadowHash code that runs beside the model; "" for none
  record Choice(
      Tier tier, String candidateHash, String shadowHash, long routeOffset, boolean audited) {
    static Choice definition(Tier tier) {
      return new Choice(tier, "", "", -1, false);
    }
  }

  /// Limits of the tasks of a component.
  record Policy(ComponentDefinition.RetryPolicy retry, Duration queueLimit) {}

  /// A route with the offset it stands at.
  record Route(RouteSet set, long offset) {}

  /// Chooses by the hash of execution and salt, so that a replay chooses alike. A route made for
  /// another identity of the component is not used.
  static Choice choose(
      ComponentDefinition component,
      String identityDigest,
      Optional<Route> route,
      ExecutionId execution) {
    Tier own =
        switch (component.handlerType()) {
          case LLM -> Tier.MODEL;
          case JIT -> Tier.CODE;
          case BUILTIN, TOOL, WORKFLOW -> Tier.BUILTIN;
        };
    if (own != Tier.MODEL
        || route.isEmpty()
        || !route.get().set().subject().identityDigest().equals(identityDigest)
        || route.get().set().candidate().candidateHash().isEmpty()) {
      return Choice.definition(own);
    }
    RouteSet set = route.get().set();
    String hash = set.candidate().candidateHash();
    long offset = route.get().offset();
    if (chance(execution, set.salt() + "/serve") < set.codePermille()) {
      boolean audited = chance(execution, set.salt() + "/audit") < set.auditPermille();
      return new Choice(Tier.CODE, hash, "", offset, audited);
    }
    boolean shadowed = chance(execution, set.salt() + "/shadow") < set.shadowPermille();
    return new Choice(Tier.MODEL, "", shadowed ? hash : "", offset, false);
  }

  private static int chance(ExecutionId execution, String salt) {
    return (int)
        Long.remainderUnsigned(
            NameIds.uuid5(salt, execution.toString()).getMostSignificantBits() >>> 16, 1000);
  }
}
