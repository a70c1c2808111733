package dev.nexus.projector.promotion;

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
import java.util.Optional;

/// What became of a candidate. Counted as decisions come in, so that totals need no history.
public enum Fate {
  PROPOSED,
  REJECTED,
  PROMOTED,
  DEMOTED;

  static Optional<Fate> of(PromotionEvent event) {
    return switch (event) {
      case CandidateProposed _ -> Optional.of(PROPOSED);
      case CandidateRejected _ -> Optional.of(REJECTED);
      case CandidatePromoted _ -> Optional.of(PROMOTED);
      case CandidateDemoted _ -> Optional.of(DEMOTED);
      case ComponentFoundHot _,
          CandidateRequested _,
          ShadowStarted _,
          CanaryStarted _,
          RecompileRequested _,
          CooldownStarted _,
          ComponentPinned _,
          IdentityChanged _ ->
          Optional.empty();
    };
  }
}
