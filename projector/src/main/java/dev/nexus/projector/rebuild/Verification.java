package dev.nexus.projector.rebuild;

import java.util.List;

/// What a comparison of the store with the log found.
///
/// @param records records folded
/// @param names names compared
/// @param differences where they differ, as sentences; at most `Verifier.REPORTED` of them
public record Verification(long records, long names, List<String> differences) {
  public boolean equal() {
    return differences.isEmpty();
  }
}
