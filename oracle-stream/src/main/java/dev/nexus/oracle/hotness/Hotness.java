package dev.nexus.oracle.hotness;

import dev.nexus.event.definition.PromotionPolicy;

/// How much a component is used in one identity.
///
/// @param calls calls in the window
/// @param distinctInputs different inputs in the window
/// @param callsSinceChange calls since the component got this identity
public record Hotness(long calls, long distinctInputs, long callsSinceChange) {

  /// Hot: enough distinct inputs to show some, seal some and prove the code, and no change lately.
  public boolean isHot(PromotionPolicy policy) {
    return distinctInputs >= policy.hotDistinctInputs() && callsSinceChange >= policy.stability();
  }
}
