package dev.nexus.oracle.promotion;

import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where a component stands between prompt and code.
public sealed interface PromotionState {
  PromotionState NEW = new Prompted(History.NONE, false);

  History history();

  /// The prompt serves and nothing is under way.
  ///
  /// @param hot whether it was found hot already
  record Prompted(History history, boolean hot) implements PromotionState {}

  /// A generator was asked.
  record Synthesizing(History history, Request request) implements PromotionState {}

  /// The code is compared on the inputs under the seal.
  record Verifying(History history, Request request, Proposal proposal) implements PromotionState {}

  /// The code runs beside the model on live calls.
  record Shadowing(History history, Request request, Proposal proposal) implements PromotionState {}

  /// The code serves a share of the calls.
  record Canarying(History history, Request request, Proposal proposal, int codePermille)
      implements PromotionState {}

  /// The code serves.
  record Promoted(History history, Request request, Proposal proposal) implements PromotionState {}

  /// A candidate was rejected or demoted; what comes next follows in the same decision.
  record Retired(History history, Stage stage) implements PromotionState {}

  record Cooling(History history, Instant until) implements PromotionState {}

  record Pinned(History history, String reason) implements PromotionState {}

  /// What was asked of the generator.
  record Request(int candidateNumber, String synthesisExecution, Seal seal, List<String> shown) {
    public Request {
      shown = List.copyOf(shown);
    }
  }

  /// What came back.
  record Proposal(Candidate candidate, String source, List<String> readPaths) {
    public Proposal {
      readPaths = List.copyOf(readPaths);
    }
  }

  default Stage stage() {
    return switch (this) {
      case Prompted _ -> Stage.T0_PROMPT;
      case Synthesizing _ -> Stage.SYNTHESIZING;
      case Verifying _ -> Stage.VERIFYING;
      case Shadowing _ -> Stage.SHADOW;
      case Canarying _ -> Stage.CANARY;
      case Promoted _ -> Stage.PROMOTED;
      case Retired(_, var stage) -> stage;
      case Cooling _ -> Stage.COOLDOWN;
      case Pinned _ -> Stage.PINNED_T0;
    };
  }

  /// The request that is being followed, from SYNTHESIZING to PROMOTED.
  default Optional<Request> openRequest() {
    return switch (this) {
      case Synthesizing(_, var request) -> Optional.of(request);
      case Verifying(_, var request, _) -> Optional.of(request);
      case Shadowing(_, var request, _) -> Optional.of(request);
      case Canarying(_, var request, _, _) -> Optional.of(request);
      case Promoted(_, var request, _) -> Optional.of(request);
      case Prompted _, Retired _, Cooling _, Pinned _ -> Optional.empty();
    };
  }

  /// The code that is being judged or serves, from VERIFYING to PROMOTED.
  default Optional<Proposal> code() {
    return switch (this) {
      case Verifying(_, _, var proposal) -> Optional.of(proposal);
      case Shadowing(_, _, var proposal) -> Optional.of(proposal);
      case Canarying(_, _, var proposal, _) -> Optional.of(proposal);
      case Promoted(_, _, var proposal) -> Optional.of(proposal);
      case Prompted _, Synthesizing _, Retired _, Cooling _, Pinned _ -> Optional.empty();
    };
  }

  /// Whether code may be answering callers.
  default boolean serving() {
    return this instanceof Canarying || this instanceof Promoted;
  }
}
