package dev.nexus.standalone.demo;

import dev.nexus.event.definition.PromotionPolicy;
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
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.standalone.demo.ExecutionLedger.Declined;
import dev.nexus.standalone.demo.OracleLedger.Now;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Decisions of the oracle in words.
///
/// @param policy what the component's author demands before code may serve
/// @param counterexamples tells about inputs that a candidate got wrong
record StoryLines(PromotionPolicy policy, Counterexamples counterexamples) {

  /// What an input with a fingerprint was about and what a candidate made of it.
  interface Counterexamples {
    String describe(Candidate candidate, String fingerprint);
  }

  /// One decision as the lines to print.
  List<String> of(PromotionEvent decision) {
    return Stream.concat(
            Stream.of(head(decision)), explanation(decision).map(line -> "    " + line))
        .toList();
  }

  private static String head(PromotionEvent decision) {
    return switch (decision) {
      case ComponentFoundHot hot ->
          format(
              "● hot: %d distinct inputs in %d calls; from %d on code can be proven",
              hot.distinctInputs(), hot.calls(), hot.threshold());
      case CandidateRequested requested ->
          format(
              "● candidate %d asked for: %d inputs shown, the rest sealed",
              requested.candidateNumber(), requested.shownFingerprints().size());
      case CandidateProposed proposed ->
          format(
              "● candidate %d is here (%s…), judged on its sealed inputs",
              proposed.candidate().candidateNumber(), brief(proposed.candidate().candidateHash()));
      case CandidateRejected rejected ->
          format(
              "✗ candidate %d rejected: %s (%s)",
              rejected.candidate().candidateNumber(),
              rejected.reason(),
              evidence(rejected.verdict()));
      case ShadowStarted shadow ->
          format(
              "● candidate %d shadows the model: callers still get the model (%s)",
              shadow.candidate().candidateNumber(), evidence(shadow.verdict()));
      case CanaryStarted canary ->
          format(
              "● candidate %d proven, serves %s as canary (%s)",
              canary.candidate().candidateNumber(),
              percent(canary.codePermille()),
              evidence(canary.verdict()));
      case CandidatePromoted promoted ->
          format(
              "✓ candidate %d promoted: code serves, the model audits (%s)",
              promoted.candidate().candidateNumber(), evidence(promoted.verdict()));
      case CandidateDemoted demoted ->
          format(
              "✗ candidate %d demoted, the model serves: %s",
              demoted.candidate().candidateNumber(), demoted.reason());
      case RecompileRequested recompile -> "● a better candidate is wanted: " + recompile.reason();
      case CooldownStarted _ -> "● cooling down before the next candidate";
      case ComponentPinned pinned -> "✗ pinned to its prompt: " + pinned.reason();
      case IdentityChanged changed ->
          format(
              "● a new identity (%s…), because %s: candidates and evidence begin anew",
              brief(changed.subject().identityDigest()), changed.reason());
    };
  }

  /// What a reader who sees such a decision for the first time wants to know besides.
  private Stream<String> explanation(PromotionEvent decision) {
    return switch (decision) {
      case CandidateRejected rejected ->
          rejected.counterexamples().stream()
              .limit(1)
              .map(input -> counterexamples.describe(rejected.candidate(), input))
              .map(description -> "it got wrong: " + description);
      case CandidateRequested requested ->
          requested.candidateNumber() == 1
              ? Stream.empty()
              : Stream.of(
                  format(
                      "it must reach a higher log E than the one before: all candidates of one"
                          + " identity share the %.0f %% chance of an error (alpha)",
                      policy.alpha() * 100));
      case CandidatePromoted _ ->
          Stream.of(
              format(
                  "audit: the model answers some served calls too, for comparison: the first ones,"
                      + " then %s; n and k stand still",
                  percent(policy.auditPermille())));
      case ComponentFoundHot _,
          CandidateProposed _,
          ShadowStarted _,
          CanaryStarted _,
          CandidateDemoted _,
          RecompileRequested _,
          CooldownStarted _,
          ComponentPinned _,
          IdentityChanged _ ->
          Stream.empty();
    };
  }

  /// The first input that a candidate declined.
  static String declined(int candidateNumber, Declined declined) {
    return format(
        "● candidate %d declines an input, the model answers it: %s (%s); later ones are only"
            + " counted",
        candidateNumber, declined.subject(), declined.reason());
  }

  /// What the evidence in the lines that follow means.
  static final String LEGEND =
      "In what follows, n inputs were compared and k of them were wrong; log E is the evidence that"
          + " code is right often enough, and code is proven when it reaches the number behind 'of'.";

  /// What a component's author demands before code may serve.
  List<String> terms() {
    String canary =
        policy.canaryPermille().stream()
            .map(StoryLines::percent)
            .collect(Collectors.joining(" then "));
    return List.of(
        "What this application demands before code may serve (the words: docs/glossary.md):",
        format("  mode      %s: code is tried and promoted without asking anybody", policy.mode()),
        format(
            "  hot       %d distinct inputs are enough to prove code; %d calls must pass without a"
                + " change before (stability)",
            policy.hotDistinctInputs(), policy.stability()),
        format(
            "  examples  %d open examples are shown to the generator; its code is judged on others,"
                + " sealed before",
            policy.openExamples()),
        format(
            "  proof     right in %.0f %% of inputs (target); the chance that this is wrong is at"
                + " most %.0f %% (alpha)",
            policy.target() * 100, policy.alpha() * 100),
        format(
            "  shadow    code runs beside the model until at least %d live comparisons are made",
            policy.minShadowComparisons()),
        format(
            "  canary    code serves %s of the calls, %d calls each, before it serves all",
            canary, policy.canaryCalls()),
        format(
            "  audits    %s of the calls that code serves are answered by the model too",
            percent(policy.auditPermille())),
        format(
            "  cooldown  %d s after a rejection before the next candidate",
            policy.cooldown().toSeconds()));
  }

  /// Where evidence stands against its threshold.
  static String evidence(Verdict verdict) {
    return format("%s of %.2f", reached(verdict), threshold(verdict));
  }

  private static String reached(Verdict verdict) {
    return format(
        "n %d, k %d, log E %.2f", verdict.comparisons(), verdict.disagreements(), verdict.logE());
  }

  /// What log E must reach: the e-process promotes at 1/alpha.
  static double threshold(Verdict verdict) {
    return Math.log(1 / verdict.alpha());
  }

  /// The progress line.
  ///
  /// @param served calls that code has served since the last decision about who serves
  String progress(int answered, Now now, long served, String spend) {
    String who =
        now.codePermille() == 0 ? "model serves" : "code serves " + percent(now.codePermille());
    String evidence =
        now.verdict()
            .map(
                verdict ->
                    format(
                        " · candidate %d: %s",
                        now.candidate().map(Candidate::candidateNumber).orElse(0),
                        standing(verdict, now, served)))
            .orElse("");
    return format("  %,5d answered · %s · %s%s · %s", answered, who, now.stage(), evidence, spend);
  }

  /// The evidence and, beside it, what else is awaited; once code is promoted, what audits say.
  private String standing(Verdict verdict, Now now, long served) {
    long shadowed = now.live().shadowed();
    return switch (now.stage()) {
      case SHADOW ->
          shadowed < policy.minShadowComparisons()
              ? format(
                  "%s, %d of %d live comparisons",
                  evidence(verdict), shadowed, policy.minShadowComparisons())
              : evidence(verdict);
      case CANARY ->
          format(
              "%s, %d of %d calls",
              evidence(verdict), Math.min(served, policy.canaryCalls()), policy.canaryCalls());
      case PROMOTED ->
          format(
              "%s · %d audits, %d wrong",
              reached(verdict), now.live().audited(), now.live().auditedWrong());
      default -> evidence(verdict);
    };
  }

  private static String percent(int permille) {
    return format(permille % 10 == 0 ? "%.0f %%" : "%.1f %%", permille / 10.0);
  }

  private static String brief(String hash) {
    return hash.substring(0, Math.min(8, hash.length()));
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
