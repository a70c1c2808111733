package dev.nexus.event.definition;

import java.time.Duration;
import java.util.List;

/// What the oracle may do with a component and how sure it must be.
///
/// @param mode `auto` promotes by itself, `off` never tries
/// @param target agreement to be proven, such as 0.95
/// @param alpha probability of a false promotion allowed over the component's life
/// @param openExamples inputs shown to the generator
/// @param hotDistinctInputs distinct inputs that make the component hot
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

  public static final PromotionPolicy OFF =
      new PromotionPolicy(
          "off", 0.99, 0.05, 30, 361, 500, Duration.ofHours(1), 30, List.of(100, 500), 100, 20, 5);

  public boolean automatic() {
    return mode.equals("auto");
  }
}
