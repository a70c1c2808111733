package dev.nexus.event.promotion;

import dev.nexus.event.Doc;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;

/// Who serves, on `nexus.routes` (compacted by component). A route holds for the identity it names
/// and for no other, so a changed prompt is never served by old code.
public sealed interface RouteEvent {

  record RouteSet(
      Subject subject,
      @Doc("Tier of the component, as in the state machine.") Stage stage,
      Candidate candidate,
      @Doc("Source of the code.") String source,
      @Doc("Share of calls that code serves, in thousandths.") int codePermille,
      @Doc("Share of model-served calls that code shadows, in thousandths.") int shadowPermille,
      @Doc("Share of code-served calls that the model audits, in thousandths.") int auditPermille,
      @Doc("Salt of the choice by execution id.") String salt)
      implements RouteEvent {}
}
