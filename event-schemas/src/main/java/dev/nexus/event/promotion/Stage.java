package dev.nexus.event.promotion;

/// The tiers of a component's way from prompt to code and back.
public enum Stage {
  T0_PROMPT,
  SYNTHESIZING,
  VERIFYING,
  SHADOW,
  CANARY,
  PROMOTED,
  RECOMPILE_REQUESTED,
  DEMOTED,
  COOLDOWN,
  REJECTED,
  PINNED_T0
}
