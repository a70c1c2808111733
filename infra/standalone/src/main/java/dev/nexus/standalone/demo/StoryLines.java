package dev.nexus.standalone.demo;

import dev.nexus.event.definition.PromotionPolicy;
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
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.standalone.demo.OracleLedger.Now;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Decisions of the oracle in words.
final class StoryLines {
  private StoryLines() {}

  /// One decision as the lines to print.
  ///
  /// @param describe tells a person about the input with a fingerprint
  static List<String> of(PromotionEvent decision, Function<String, String> describe) {
    List<String> lines = new ArrayList<>();
    lines.add(head(decision));
    if (decision instanceof CandidateRejected rejected) {
      rejected.counterexamples().stream()
          .limit(1)
          .forEach(fingerprint -> lines.add("    it got wrong: " + describe.apply(fingerprint)));
    }
    return lines;
  }

  private static String head(PromotionEvent decision) {
    return switch (decision) {
      case ComponentFoundHot hot ->
          format(
              "● hot: %d distinct inputs in %d calls, %d are enough",
              hot.distinctInputs(), hot.calls(), hot.threshold());
      case CandidateRequested requested ->
          format(
              "● candidate %d asked for: %d inputs shown, the rest sealed",
              requested.candidateNumber(), requested.shownFingerprints().size());
      case CandidateProposed proposed ->
          format(
              "● candidate %d is here (%s…), judged on its sealed inputs",
              proposed.candidate().candidateNumber(),
              proposed.candidate().candidateHash().substring(0, 8));
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
              "● candidate %d proven, serves %.0f %% as canary (%s)",
              canary.candidate().candidateNumber(),
              canary.codePermille() / 10.0,
              evidence(canary.verdict()));
      case CandidatePromoted promoted ->
          format(
              "✓ candidate %d promoted: code serves, the model audits (%s)",
              promoted.candidate().candidateNumber(), evidence(promoted.verdict()));
      case CandidateDemoted demoted ->
          format(
              "✗ candidate %d demoted: %s",
              demoted.candidate().candidateNumber(), demoted.reason());
      case RecompileRequested recompile -> "● a better candidate is wanted: " + recompile.reason();
      case CooldownStarted _ -> "● cooling down before the next candidate";
      case ComponentPinned pinned -> "✗ pinned to its prompt: " + pinned.reason();
      case IdentityChanged changed ->
          format(
              "● identity changed to %s…: old code and old evidence hold no more",
              changed.subject().identityDigest().substring(0, 8));
    };
  }

  /// What the evidence in the lines that follow means.
  static final String LEGEND =
      "In what follows, n inputs were compared and k of them were wrong; log E is the evidence that"
          + " code is right often enough, and code is proven when it reaches the number behind 'of'.";

  /// What a component's author demands before code may serve.
  static String terms(PromotionPolicy policy) {
    String canary =
        policy.canaryPermille().stream()
            .map(step -> format("%.0f %%", step / 10.0))
            .collect(Collectors.joining(" then "));
    return format(
        "The application demands of code: mode %s, target %.0f %%, alpha %.0f %%, %d open examples, hot at %d distinct"
            + " inputs, stability %d, cooldown %d s, at least %d comparisons in shadow, canary %s"
            + " with %d calls each, audits %.1f %%",
        policy.mode(),
        policy.target() * 100,
        policy.alpha() * 100,
        policy.openExamples(),
        policy.hotDistinctInputs(),
        policy.stability(),
        policy.cooldown().toSeconds(),
        policy.minShadowComparisons(),
        canary,
        policy.canaryCalls(),
        policy.auditPermille() / 10.0);
  }

  /// Where evidence stands against its threshold.
  static String evidence(Verdict verdict) {
    return format(
        "n %d, k %d, log E %.2f of %.2f",
        verdict.comparisons(), verdict.disagreements(), verdict.logE(), threshold(verdict));
  }

  /// What log E must reach: the e-process promotes at 1/alpha.
  static double threshold(Verdict verdict) {
    return Math.log(1 / verdict.alpha());
  }

  /// The progress line.
  static String progress(int answered, Now now, String spend) {
    String who =
        now.codePermille() == 0
            ? "model serves"
            : format("code serves %.0f %%", now.codePermille() / 10.0);
    String evidence =
        now.verdict()
            .map(
                verdict ->
                    format(
                        " · candidate %d: %s",
                        now.candidate().map(c -> c.candidateNumber()).orElse(0), evidence(verdict)))
            .orElse("");
    return format("  %,5d answered · %s · %s%s · %s", answered, who, now.stage(), evidence, spend);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
