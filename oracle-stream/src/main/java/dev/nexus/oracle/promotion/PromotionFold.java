package dev.nexus.oracle.promotion;

import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CanaryStarted;
import dev.nexus.event.promotion.PromotionEvent.CandidateDemoted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.ComponentFoundHot;
import dev.nexus.event.promotion.PromotionEvent.ComponentPinned;
import dev.nexus.event.promotion.PromotionEvent.CooldownStarted;
import dev.nexus.event.promotion.PromotionEvent.IdentityChanged;
import dev.nexus.event.promotion.PromotionEvent.RecompileRequested;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.Stage;
import dev.nexus.oracle.promotion.PromotionState.Canarying;
import dev.nexus.oracle.promotion.PromotionState.Cooling;
import dev.nexus.oracle.promotion.PromotionState.Pinned;
import dev.nexus.oracle.promotion.PromotionState.Promoted;
import dev.nexus.oracle.promotion.PromotionState.Prompted;
import dev.nexus.oracle.promotion.PromotionState.Proposal;
import dev.nexus.oracle.promotion.PromotionState.Request;
import dev.nexus.oracle.promotion.PromotionState.Retired;
import dev.nexus.oracle.promotion.PromotionState.Shadowing;
import dev.nexus.oracle.promotion.PromotionState.Synthesizing;
import dev.nexus.oracle.promotion.PromotionState.Verifying;

/// Folds decisions into the state they led to; the live oracle and a restarted one use the same.
public final class PromotionFold {
  private PromotionFold() {}

  /// Throws `IllegalStateException` for an event that cannot follow in this state.
  public static PromotionState apply(PromotionState state, PromotionEvent event) {
    String identity = event.subject().identityDigest();
    if (!(event instanceof IdentityChanged)
        && !state.history().identity().isEmpty()
        && !state.history().identity().equals(identity)) {
      throw impossible(state, event);
    }
    History history = state.history().in(identity);
    return switch (event) {
      case ComponentFoundHot _ when state instanceof Prompted -> new Prompted(history, true);
      case CandidateRequested requested
          when (state instanceof Prompted || state instanceof Cooling)
              && requested.candidateNumber() == history.attempts().candidates() + 1 ->
          requested(history, requested);
      case CandidateProposed(_, var candidate, var source, var paths)
          when state instanceof Synthesizing(_, var request)
              && candidate.candidateNumber() == request.candidateNumber() ->
          new Verifying(
              history.with(a -> a.proposed(candidate.candidateNumber(), candidate.candidateHash())),
              request,
              new Proposal(candidate, source, paths));
      case CandidateRejected rejected
          when state instanceof Synthesizing
              || state instanceof Verifying
              || state instanceof Shadowing ->
          rejected(history, rejected);
      case ShadowStarted _ when state instanceof Verifying(_, var request, var proposal) ->
          new Shadowing(history, request, proposal);
      case CanaryStarted(_, _, _, var permille)
          when state instanceof Shadowing(_, var request, var proposal) ->
          new Canarying(history, request, proposal, permille);
      case CanaryStarted(_, _, _, var permille)
          when state instanceof Canarying(_, var request, var proposal, _) ->
          new Canarying(history, request, proposal, permille);
      case CandidatePromoted _ when state instanceof Canarying(_, var request, var proposal, _) ->
          new Promoted(history, request, proposal);
      case CandidatePromoted _ when state instanceof Shadowing(_, var request, var proposal) ->
          new Promoted(history, request, proposal);
      case CandidateDemoted _ when state.serving() -> new Retired(history, Stage.DEMOTED);
      case RecompileRequested _ when state instanceof Promoted -> state;
      case CooldownStarted(_, var until) when state instanceof Retired ->
          new Cooling(history, until);
      case ComponentPinned(_, var reason) when state instanceof Retired ->
          new Pinned(history.with(Attempts::asPinned), reason);
      case IdentityChanged _ when !state.serving() -> changed(history);
      case ComponentFoundHot _,
          CandidateRequested _,
          CandidateProposed _,
          CandidateRejected _,
          ShadowStarted _,
          CanaryStarted _,
          CandidatePromoted _,
          CandidateDemoted _,
          RecompileRequested _,
          CooldownStarted _,
          ComponentPinned _,
          IdentityChanged _ ->
          throw impossible(state, event);
    };
  }

  private static PromotionState rejected(History history, CandidateRejected event) {
    boolean withoutCode = event.candidate().candidateHash().isEmpty();
    return new Retired(
        withoutCode
            ? history.with(a -> a.withoutCode(event.candidate().candidateNumber()))
            : history,
        Stage.REJECTED);
  }

  private static PromotionState requested(History history, CandidateRequested event) {
    Seal seal = Seal.parse(event.seal());
    int number = event.candidateNumber();
    return new Synthesizing(
        history.with(a -> a.requested(number, seal, event.shownFingerprints())),
        new Request(number, event.synthesisExecution(), seal, event.shownFingerprints()));
  }

  private static PromotionState changed(History history) {
    return history.attempts().pinned()
        ? new Pinned(history, "pinned when it had this identity before")
        : new Prompted(history, false);
  }

  private static IllegalStateException impossible(PromotionState state, PromotionEvent event) {
    return new IllegalStateException(
        "cannot apply "
            + event.getClass().getSimpleName()
            + " of identity "
            + event.subject().identityDigest()
            + " to "
            + state.getClass().getSimpleName()
            + " of identity "
            + state.history().identity());
  }
}
