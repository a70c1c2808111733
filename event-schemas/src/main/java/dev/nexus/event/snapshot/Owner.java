package dev.nexus.event.snapshot;

import java.util.ArrayList;
import java.util.List;

/// Who keeps a state that is made from a topic, and in which layout its snapshots are. The layouts
/// of those who need facts stand here, and not with them, because others must know them too: facts
/// may be deleted only where those who need them can go on from what is kept instead.
///
/// @param layout goes up when the content means something else: what was kept before cannot be used
///     then, and counts for nothing; 0 of an owner that keeps no files
public record Owner(String name, int layout) {

  /// The router's state of `nexus.executions`: the content of a shelf. Where it changes, what was
  /// kept must be converted, as the facts it was made from may be gone.
  public static final Owner ROUTER = new Owner("router", 1);

  /// The projection of `nexus.executions`.
  public static final Owner PROJECTOR = projector(1);

  /// The projection of a topic, in this layout.
  public static Owner projector(int layout) {
    return new Owner("projector", layout);
  }

  /// The owner of a partition of `nexus.evidence`.
  public static Owner oracle(int partition) {
    return new Owner("oracle/" + partition, 0);
  }

  /// Everybody who needs facts of `nexus.executions`.
  ///
  /// @param oracles partitions of `nexus.evidence`
  public static List<Owner> ofFacts(int oracles) {
    List<Owner> owners = new ArrayList<>(List.of(ROUTER, PROJECTOR));
    for (int oracle = 0; oracle < oracles; oracle++) {
      owners.add(oracle(oracle));
    }
    return List.copyOf(owners);
  }

  @Override
  public String toString() {
    return name;
  }
}
