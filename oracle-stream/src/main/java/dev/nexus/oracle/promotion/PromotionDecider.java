package dev.nexus.oracle.promotion;

import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.evidence.EProcess;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CanaryStarted;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidateDemoted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.ComponentFoundHot;
import dev.nexus.event.promotion.PromotionEvent.ComponentPinned;
import dev.nexus.event.promotion.PromotionEvent.CooldownStarted;
import dev.nexus.event.promotion.PromotionEvent.IdentityChanged;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.oracle.evidence.Tally;
import dev.nexus.oracle.promotion.Decision.Accepted;
import dev.nexus.oracle.promotion.Decision.Rejected;
import dev.nexus.oracle.promotion.PromotionCommand.ChangeIdentity;
import dev.nexus.oracle.promotion.PromotionCommand.ConsiderCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.CountServed;
import dev.nexus.oracle.promotion.PromotionCommand.GiveUp;
import dev.nexus.oracle.promotion.PromotionCommand.ProposeCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.RefuseCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.WeighEvidence;
import dev.nexus.oracle.promotion.PromotionCommand.Withdraw;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Decides what a component's state and what was learnt lead to.
///
/// @param subject the component in the identity it has now
public record PromotionDecider(Subject subject, PromotionPolicy policy) {
  /// A candidate whose evidence has shrunk below this at the end of its seal is not worth more.
  private static final double HOPELESS = 0.1;

  private static final double MOST_DEOPTS = 0.5;

  /// Inputs that must have come before the share of declined ones says anything.
  private static final int INPUTS_FOR_DEOPT_RATE = 30;

  private static final int ERRORS_IN_A_ROW = 3;

  public Decision decide(PromotionState state, PromotionCommand command, Instant at) {
    if (!(command instanceof ChangeIdentity) && !ofThisIdentity(state)) {
      return new Rejected("the component has another identity now");
    }
    return switch (command) {
      case ConsiderCandidate consider -> consider(state, consider, at);
      case ProposeCandidate propose -> propose(state, propose, at);
      case RefuseCandidate(var reason, var hash) ->
          state instanceof Synthesizing(_, var request)
              ? rejected(
                  new Candidate(request.candidateNumber(), hash), Tally.NONE, reason, List.of(), at)
              : new Rejected("no candidate is awaited");
      case GiveUp(var reason) -> giveUp(state, reason);
      case WeighEvidence weigh -> weigh(state, weigh, at);
      case CountServed count -> countServed(state, count, at);
      case ChangeIdentity change -> change(state, change);
      case Withdraw(var reason, var tally) -> withdraw(state, reason, tally, at);
    };
  }

  /// Error probability the candidate may spend.
  public double alpha(int candidateNumber) {
    return EProcess.alphaOf(policy.alpha(), candidateNumber);
  }

  public double epsilon() {
    return EProcess.epsilonOf(policy.target());
  }

  private boolean ofThisIdentity(PromotionState state) {
    String identity = state.history().identity();
    return identity.isEmpty() || identity.equals(subject.identityDigest());
  }

  private Decision consider(PromotionState state, ConsiderCandidate consider, Instant at) {
    boolean free =
        state instanceof Prompted
            || (state instanceof Cooling(_, var until) && !at.isBefore(until));
    if (!free) {
      return new Rejected("a candidate is under way, cooling down or not wanted");
    }
    if (!policy.automatic()) {
      return new Rejected("promotion is off");
    }
    if (!consider.hotness().isHot(policy)) {
      return new Rejected("not hot");
    }
    int tried = state.history().attempts().candidates();
    if (tried >= policy.maxCandidates()) {
      // An identity that comes back after its last candidate served is not pinned.
      return new Rejected(tried + " candidates were tried");
    }
    List<PromotionEvent> events = new ArrayList<>();
    if (state instanceof Prompted(_, var hot) && !hot) {
      events.add(
          new ComponentFoundHot(
              subject,
              consider.hotness().calls(),
              consider.hotness().distinctInputs(),
              policy.hotDistinctInputs()));
    }
    events.add(
        new CandidateRequested(
            subject,
            state.history().attempts().candidates() + 1,
            consider.synthesisExecution(),
            consider.seal().toTexts(),
            consider.shown()));
    return new Accepted(events);
  }

  private Decision propose(PromotionState state, ProposeCandidate propose, Instant at) {
    if (!(state instanceof Synthesizing(var history, var request))) {
      return new Rejected("no candidate is awaited");
    }
    Candidate candidate = new Candidate(request.candidateNumber(), propose.candidateHash());
    Integer same = history.attempts().hashes().get(propose.candidateHash());
    if (same != null) {
      return rejected(
          candidate,
          Tally.NONE,
          "the generator repeated the code of candidate " + same,
          List.of(),
          at);
    }
    return new Accepted(
        List.of(new CandidateProposed(subject, candidate, propose.source(), propose.readPaths())));
  }

  private Decision giveUp(PromotionState state, String reason) {
    if (!(state instanceof Synthesizing(_, var request))) {
      return new Rejected("no candidate is awaited");
    }
    var none = new Candidate(request.candidateNumber(), "");
    return new Accepted(
        List.of(
            new CandidateRejected(
                subject,
                none,
                Tally.NONE.verdict(alpha(none.candidateNumber()), epsilon()),
                reason,
                List.of()),
            new ComponentPinned(subject, reason)));
  }

  private Decision weigh(PromotionState state, WeighEvidence weigh, Instant at) {
    return switch (state) {
      case Verifying(_, _, var proposal) -> verify(proposal, weigh, at);
      case Shadowing(_, _, var proposal) -> shadow(proposal, weigh, at);
      case Canarying(_, _, var proposal, _) ->
          weigh.tally().disagreesTooOften(epsilon())
              ? demoted(proposal, weigh.tally(), "it disagrees more often than allowed", at)
              : new Rejected("the canary goes on");
      case Promoted _ -> new Rejected("it is promoted");
      case Prompted _, Synthesizing _, Retired _, Cooling _, Pinned _ ->
          new Rejected("no candidate is judged");
    };
  }

  private Decision verify(Proposal proposal, WeighEvidence weigh, Instant at) {
    if (!weigh.sealedDone()) {
      return new Rejected("inputs under the seal are left");
    }
    Tally tally = weigh.tally();
    Verdict verdict = verdict(proposal, tally);
    if (verdict.logE() < Math.log(HOPELESS)) {
      return rejected(
          proposal.candidate(),
          tally,
          String.format(
              Locale.ROOT,
              "wrong in %d of %d sealed inputs: E is %.3g, less than %.1f",
              tally.disagreements(),
              tally.comparisons(),
              Math.exp(verdict.logE()),
              HOPELESS),
          weigh.counterexamples(),
          at);
    }
    if (declinesTooMuch(tally)) {
      return rejected(proposal.candidate(), tally, declined(tally), weigh.counterexamples(), at);
    }
    if (isFutile(tally, verdict)) {
      return rejected(proposal.candidate(), tally, futile(tally), weigh.counterexamples(), at);
    }
    return new Accepted(List.of(new ShadowStarted(subject, proposal.candidate(), verdict)));
  }

  private Decision shadow(Proposal proposal, WeighEvidence weigh, Instant at) {
    Tally tally = weigh.tally();
    Verdict verdict = verdict(proposal, tally);
    if (declinesTooMuch(tally)) {
      return rejected(proposal.candidate(), tally, declined(tally), weigh.counterexamples(), at);
    }
    if (EProcess.proves(verdict.logE(), verdict.alpha())
        && tally.live() >= policy.minShadowComparisons()) {
      return new Accepted(List.of(nextStep(proposal, verdict, 0)));
    }
    if (isFutile(tally, verdict)) {
      return rejected(proposal.candidate(), tally, futile(tally), weigh.counterexamples(), at);
    }
    return new Rejected("more comparisons are needed");
  }

  private Decision countServed(PromotionState state, CountServed count, Instant at) {
    var proposal = state.code();
    if (!state.serving() || proposal.isEmpty()) {
      return new Rejected("no code serves");
    }
    if (count.consecutiveErrors() >= ERRORS_IN_A_ROW) {
      return demoted(
          proposal.get(), count.tally(), count.consecutiveErrors() + " errors in a row", at);
    }
    if (state instanceof Canarying(_, _, _, var permille)
        && count.served() >= policy.canaryCalls()) {
      return new Accepted(
          List.of(nextStep(proposal.get(), verdict(proposal.get(), count.tally()), permille)));
    }
    return new Rejected("nothing to decide");
  }

  /// The first canary step with a greater share than `permille`, or the promotion behind the last.
  private PromotionEvent nextStep(Proposal proposal, Verdict verdict, int permille) {
    return policy.canaryPermille().stream()
        .filter(step -> step > permille && step < 1000)
        .min(Integer::compare)
        .<PromotionEvent>map(
            step -> new CanaryStarted(subject, proposal.candidate(), verdict, step))
        .orElseGet(() -> new CandidatePromoted(subject, proposal.candidate(), verdict));
  }

  private Decision change(PromotionState state, ChangeIdentity change) {
    String previous = state.history().identity();
    if (previous.isEmpty() || previous.equals(change.identity())) {
      return new Rejected("nothing was decided for another identity");
    }
    Subject before = new Subject(subject.component(), previous);
    List<PromotionEvent> events = new ArrayList<>();
    if (state.serving()) {
      Proposal proposal = state.code().orElseThrow();
      events.add(
          new CandidateDemoted(
              before, proposal.candidate(), verdict(proposal, change.tally()), change.reason()));
    }
    Subject after = new Subject(subject.component(), change.identity());
    events.add(new IdentityChanged(after, previous, change.reason()));
    return new Accepted(events);
  }

  private Decision withdraw(PromotionState state, String reason, Tally tally, Instant at) {
    if (state.serving()) {
      return demoted(state.code().orElseThrow(), tally, reason, at);
    }
    if (state.openRequest().isEmpty()) {
      return new Rejected("no candidate is under way");
    }
    Candidate candidate =
        state
            .code()
            .map(Proposal::candidate)
            .orElseGet(() -> new Candidate(state.openRequest().get().candidateNumber(), ""));
    return rejected(candidate, tally, reason, List.of(), at);
  }

  private Decision rejected(
      Candidate candidate, Tally tally, String reason, List<String> counterexamples, Instant at) {
    Verdict verdict = tally.verdict(alpha(candidate.candidateNumber()), epsilon());
    return new Accepted(
        List.of(
            new CandidateRejected(subject, candidate, verdict, reason, counterexamples),
            aftermath(candidate, at)));
  }

  private Decision demoted(Proposal proposal, Tally tally, String reason, Instant at) {
    return new Accepted(
        List.of(
            new CandidateDemoted(subject, proposal.candidate(), verdict(proposal, tally), reason),
            aftermath(proposal.candidate(), at)));
  }

  /// The wait doubles with every candidate; after the last there is none.
  private PromotionEvent aftermath(Candidate candidate, Instant at) {
    int number = candidate.candidateNumber();
    if (number >= policy.maxCandidates() && !candidate.candidateHash().isEmpty()) {
      return new ComponentPinned(subject, number + " candidates were tried");
    }
    Duration wait = policy.cooldown().multipliedBy(1L << Math.min(number - 1, 20));
    return new CooldownStarted(subject, at.plus(wait));
  }

  private Verdict verdict(Proposal proposal, Tally tally) {
    return tally.verdict(alpha(proposal.candidate().candidateNumber()), epsilon());
  }

  private static boolean declinesTooMuch(Tally tally) {
    return tally.inputs() >= INPUTS_FOR_DEOPT_RATE && tally.deoptRate() > MOST_DEOPTS;
  }

  /// Code that is proven and lacks live comparisons alone is not undecided, however many it had.
  private boolean isFutile(Tally tally, Verdict verdict) {
    return tally.disagreesTooOften(epsilon())
        || (tally.undecided(epsilon()) && !EProcess.proves(verdict.logE(), verdict.alpha()));
  }

  private static String futile(Tally tally) {
    return tally.comparisons()
        + " comparisons, "
        + tally.disagreements()
        + " of them wrong: futile";
  }

  private static String declined(Tally tally) {
    return "it declined " + tally.deopts() + " of " + tally.inputs() + " inputs";
  }
}
