package dev.nexus.oracle.topology;

import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.oracle.promotion.PromotionState;
import dev.nexus.oracle.promotion.PromotionState.Proposal;
import dev.nexus.oracle.promotion.RoutePlan;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import java.util.Optional;

/// The route of one component as the log has it, and what became of the calls that code was asked
/// to serve under it.
final class Serving {
  private static final long NOT_WRITTEN_YET = Long.MIN_VALUE;

  private Optional<RouteSet> route = Optional.empty();
  private long routeOffset = NOT_WRITTEN_YET;
  private long served;
  private long audited;
  private int consecutiveErrors;

  /// A route of the log stands at this offset.
  void stands(RouteSet set, long offset) {
    route = Optional.of(set);
    stands(offset);
  }

  /// The route set last stands at this offset; calls routed by it count from now on.
  void stands(long offset) {
    routeOffset = offset;
    served = 0;
    audited = 0;
    consecutiveErrors = 0;
  }

  /// Counts a call that code just answered, declined or failed in.
  void count(Call call) {
    if (call.routeOffset() != routeOffset || call.served().isEmpty()) {
      return;
    }
    switch (call.served().get()) {
      case CodeAnswer.Answered _ -> {
        served++;
        consecutiveErrors = 0;
        audited += call.audited() ? 1 : 0;
      }
      case CodeAnswer.Declined _ -> {}
      case CodeAnswer.Failed _ -> consecutiveErrors++;
    }
  }

  long served() {
    return served;
  }

  int consecutiveErrors() {
    return consecutiveErrors;
  }

  /// Sets the route that the state asks for; empty when it is set already.
  Optional<RouteSet> follow(
      Subject subject, PromotionState state, PromotionPolicy policy, boolean truthReported) {
    RouteSet wanted = RoutePlan.of(subject, state, policy, truthReported, settled(state, policy));
    boolean unneeded = route.isEmpty() && wanted.stage() == Stage.T0_PROMPT;
    if (unneeded || route.equals(Optional.of(wanted))) {
      return Optional.empty();
    }
    route = Optional.of(wanted);
    stands(NOT_WRITTEN_YET);
    return route;
  }

  /// Whether the first calls after the promotion have been audited; what the route says stays true
  /// after a restart.
  private boolean settled(PromotionState state, PromotionPolicy policy) {
    if (audited >= RoutePlan.FIRST_CALLS_AUDITED) {
      return true;
    }
    var candidate = state.code().map(Proposal::candidate);
    return route
        .filter(r -> r.stage() == Stage.PROMOTED && r.auditPermille() == policy.auditPermille())
        .map(RouteSet::candidate)
        .equals(candidate);
  }
}
