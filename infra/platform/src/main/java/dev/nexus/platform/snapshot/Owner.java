package dev.nexus.platform.snapshot;

/// The names under which owners of state announce what they have kept.
public final class Owner {
  public static final String ROUTER = "router";
  public static final String PROJECTOR = "projector";

  private Owner() {}

  /// The owner of a partition of `nexus.evidence`.
  public static String oracle(int partition) {
    return "oracle/" + partition;
  }
}
