package dev.nexus.standalone.demo;

import dev.nexus.event.Event;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Result;
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
import dev.nexus.event.promotion.PromotionEvent.RecompileRequested;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.event.promotion.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What `nexus.promotions` and `nexus.evidence` say about one component: every decision in order,
/// where the evidence stands, and who serves now.
final class OracleLedger {
  private final String appId;
  private final String component;
  private final Set<UUID> seen = new HashSet<>();
  private final List<PromotionEvent> decisions = new ArrayList<>();
  private final Map<String, String> executionOf = new HashMap<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private Optional<ComparisonCounted> newest = Optional.empty();
  private final Map<Judged, Live> live = new HashMap<>();
  private Optional<Subject> subject = Optional.empty();
  private int requested = 0;
  private Stage stage = Stage.T0_PROMPT;
  private int codePermille = 0;

  OracleLedger(String appId, String component) {
    this.appId = appId;
    this.component = component;
  }

  synchronized void applyDecision(Event<PromotionEvent> event) {
    PromotionEvent decision = event.body();
    if (!event.envelope().appId().equals(appId)
        || !decision.subject().component().equals(component)
        || !seen.add(event.envelope().eventId())) {
      return;
    }
    decisions.add(decision);
    subject = Optional.of(decision.subject());
    switch (decision) {
      case ComponentFoundHot _, RecompileRequested _ -> {}
      case CandidateRequested asked -> {
        requested = asked.candidateNumber();
        if (codePermille < 1000) {
          stage = Stage.SYNTHESIZING;
          newest = newest.filter(this::isCurrent);
        }
      }
      case CandidateProposed proposed -> {
        stage = Stage.VERIFYING;
        Candidate candidate = proposed.candidate();
        numbers.put(candidate.candidateHash(), candidate.candidateNumber());
      }
      case CandidateRejected _ -> enter(Stage.REJECTED, 0);
      case ShadowStarted _ -> enter(Stage.SHADOW, 0);
      case CanaryStarted canary -> enter(Stage.CANARY, canary.codePermille());
      case CandidatePromoted _ -> enter(Stage.PROMOTED, 1000);
      case CandidateDemoted _ -> enter(Stage.DEMOTED, 0);
      case CooldownStarted _ -> enter(Stage.COOLDOWN, 0);
      case ComponentPinned _ -> enter(Stage.PINNED_T0, 0);
      case IdentityChanged _ -> {
        enter(Stage.T0_PROMPT, 0);
        requested = 0;
        newest = Optional.empty();
      }
    }
  }

  synchronized void applyEvidence(Event<EvidenceEvent> event) {
    switch (event.body()) {
      case ComparisonCounted counted -> {
        if (event.envelope().appId().equals(appId)
            && counted.subject().component().equals(component)
            && seen.add(event.envelope().eventId())) {
          live.put(Judged.in(counted), live(counted).plus(counted));
          if (isCurrent(counted)) {
            newest = Optional.of(counted);
          }
          executionOf.putIfAbsent(counted.fingerprint(), counted.comparedExecution());
        }
      }
    }
  }

  /// Evidence and decisions are read from two topics: what is said of a candidate that is done with
  /// may come late.
  private boolean isCurrent(ComparisonCounted counted) {
    return subject.isEmpty()
        || (subject.get().equals(counted.subject())
            && counted.candidate().candidateNumber() >= requested);
  }

  private Live live(ComparisonCounted counted) {
    return live.getOrDefault(Judged.in(counted), Live.NONE);
  }

  /// A candidate is numbered, and may have the same code, within its identity.
  private record Judged(Subject subject, Candidate candidate) {
    static Judged in(ComparisonCounted counted) {
      return new Judged(counted.subject(), counted.candidate());
    }
  }

  /// The decisions from number `from` on.
  synchronized List<PromotionEvent> decisions(int from) {
    return List.copyOf(decisions.subList(Math.min(from, decisions.size()), decisions.size()));
  }

  synchronized Now now() {
    return new Now(
        stage,
        codePermille,
        newest.map(ComparisonCounted::candidate),
        verdict(),
        newest.map(this::live).orElse(Live.NONE));
  }

  /// Number of the candidate with this hash; 0 when none was proposed.
  synchronized int candidateNumber(String candidateHash) {
    return numbers.getOrDefault(candidateHash, 0);
  }

  /// The verdict the newest comparison led to.
  synchronized Optional<Verdict> verdict() {
    return newest.map(ComparisonCounted::verdict);
  }

  /// Execution in which an input was compared; empty when no comparison of it is known.
  synchronized Optional<String> executionOf(String fingerprint) {
    return Optional.ofNullable(executionOf.get(fingerprint));
  }

  /// Identities a promotion was reached for, in order.
  synchronized List<String> promotedIdentities() {
    var identities = new LinkedHashSet<String>();
    for (PromotionEvent decision : decisions) {
      if (decision instanceof CandidatePromoted promoted) {
        identities.add(promoted.subject().identityDigest());
      }
    }
    return List.copyOf(identities);
  }

  synchronized Candidates candidates() {
    return new Candidates(
        count(CandidateProposed.class),
        count(CandidateRejected.class),
        count(CandidatePromoted.class),
        count(CandidateDemoted.class));
  }

  /// Who serves and where the evidence stands.
  ///
  /// @param codePermille share of calls that code serves, in thousandths
  /// @param live what live calls have shown of the candidate
  record Now(
      Stage stage,
      int codePermille,
      Optional<Candidate> candidate,
      Optional<Verdict> verdict,
      Live live) {}

  /// @param shadowed comparisons beside the model; declined inputs are none
  /// @param audited calls that code served and the model answered too
  /// @param auditedWrong those among them in which code was wrong
  record Live(long shadowed, long audited, long auditedWrong) {
    static final Live NONE = new Live(0, 0, 0);

    private Live plus(ComparisonCounted counted) {
      if (counted.result() == Result.DEOPTED) {
        return this;
      }
      return switch (counted.phase()) {
        case SHADOW -> new Live(shadowed + 1, audited, auditedWrong);
        case AUDIT ->
            new Live(
                shadowed, audited + 1, auditedWrong + (counted.result() == Result.AGREED ? 0 : 1));
        case SEALED, CANARY -> this;
      };
    }
  }

  record Candidates(long proposed, long rejected, long promoted, long demoted) {}

  private void enter(Stage next, int permille) {
    stage = next;
    codePermille = permille;
  }

  private long count(Class<? extends PromotionEvent> kind) {
    return decisions.stream().filter(kind::isInstance).count();
  }
}
