package dev.nexus.oracle.promotion;

import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.oracle.promotion.PromotionState.Canarying;
import dev.nexus.oracle.promotion.PromotionState.Cooling;
import dev.nexus.oracle.promotion.PromotionState.Pinned;
import dev.nexus.oracle.promotion.PromotionState.Promoted;
import dev.nexus.oracle.promotion.PromotionState.Prompted;
import dev.nexus.oracle.promotion.PromotionState.Proposal;
import dev.nexus.oracle.promotion.PromotionState.Retired;
import dev.nexus.oracle.promotion.PromotionState.Shadowing;
import dev.nexus.oracle.promotion.PromotionState.Synthesizing;
import dev.nexus.oracle.promotion.PromotionState.Verifying;

/// Who should serve in a state. Until SHADOW the model serves alone; in SHADOW and CANARY code runs
/// beside every call the model serves; a promoted candidate serves all.
///
/// Audits: in CANARY the model answers every code-served call too, unless the truth is reported
/// anyway; the first calls after a promotion are all audited, then the policy's share is.
public final class RoutePlan {
  /// Calls after a promotion that are all audited.
  public static final int FIRST_CALLS_AUDITED = 50;

  private static final int ALL = 1000;
  private static final Candidate NOBODY = new Candidate(0, "");

  private RoutePlan() {}

  /// @param truthReported whether right answers come from outside
  /// @param settled whether the first calls after the promotion have been audited
  public static RouteSet of(
      Subject subject,
      PromotionState state,
      PromotionPolicy policy,
      boolean truthReported,
      boolean settled) {
    return switch (state) {
      case Shadowing(_, _, var proposal) ->
          serve(subject, Stage.SHADOW, proposal, new Shares(0, ALL, 0));
      case Canarying(_, _, var proposal, var permille) ->
          serve(
              subject, Stage.CANARY, proposal, new Shares(permille, ALL, truthReported ? 0 : ALL));
      case Promoted(_, _, var proposal) ->
          serve(
              subject,
              Stage.PROMOTED,
              proposal,
              new Shares(ALL, 0, settled ? policy.auditPermille() : ALL));
      case Prompted _, Synthesizing _, Verifying _, Retired _, Cooling _, Pinned _ ->
          new RouteSet(subject, Stage.T0_PROMPT, NOBODY, "", 0, 0, 0, "");
    };
  }

  /// Thousandths of the calls that code serves, shadows, and that are audited.
  private record Shares(int code, int shadow, int audit) {}

  private static RouteSet serve(Subject subject, Stage stage, Proposal proposal, Shares shares) {
    String salt = stage + "/" + shares.code() + "/" + proposal.candidate().candidateHash();
    return new RouteSet(
        subject,
        stage,
        proposal.candidate(),
        proposal.source(),
        shares.code(),
        shares.shadow(),
        shares.audit(),
        salt);
  }
}
