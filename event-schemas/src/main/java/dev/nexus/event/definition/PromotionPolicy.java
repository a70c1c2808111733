package dev.nexus.event.definition;

import dev.nexus.event.evidence.EProcess;
import java.time.Duration;
import java.util.List;

/// What the oracle may do with a component and how sure it must be.
///
/// @param mode `auto` promotes by itself, `off` never tries
/// @param target agreement to be proven, such as 0.95
/// @param alpha probability of a false promotion allowed over the component's life
/// @param openExamples inputs shown to the generator
/// @param hotDistinctInputs distinct inputs that make the component hot; see `hotAt`
/// @param stability calls that must pass without a change before synthesis
/// @param cooldown wait after a rejection or demotion; doubles with every candidate
/// @param minShadowComparisons comparisons that must come from live shadowing
/// @param canaryPermille shares of calls served by code, step by step
/// @param canaryCalls code-served calls each canary step needs
/// @param auditPermille share of code-served calls the model answers too
/// @param maxCandidates candidates tried for one identity before it is pinned to its prompt
public record PromotionPolicy(
    String mode,
    double target,
    double alpha,
    int openExamples,
    int hotDistinctInputs,
    int stability,
    Duration cooldown,
    int minShadowComparisons,
    List<Integer> canaryPermille,
    int canaryCalls,
    int auditPermille,
    int maxCandidates) {

  /// Most distinct inputs a definition may ask for.
  public static final int MOST_DISTINCT_INPUTS = 1_000_000;

  public static final PromotionPolicy OFF =
      new PromotionPolicy(
          "off",
          0.99,
          0.05,
          30,
          hotAt(0.99, 0.05, 30),
          500,
          Duration.ofHours(1),
          30,
          List.of(100, 500),
          100,
          20,
          5);

  /// Distinct inputs from which on code can be proven: those that are shown to the generator, and
  /// those that the first candidate needs when it is wrong in none. It may spend half of alpha.
  public static int hotAt(double target, double alpha, int openExamples) {
    int proof =
        EProcess.comparisonsNeeded(
            EProcess.epsilonOf(target), EProcess.alphaOf(alpha, 1), MOST_DISTINCT_INPUTS);
    return Math.min(MOST_DISTINCT_INPUTS, proof + openExamples);
  }

  public boolean automatic() {
    return mode.equals("auto");
  }
}
