package dev.nexus.projector.store;

import dev.nexus.platform.stream.Imprint;
import java.util.Optional;

/// Changes of one partition from position `base` up to `next`, which is not part of it.
///
/// @param last record it has; empty when it has none, such as one that passes over ends of
///     transactions
/// @param writer whose it is
/// @param takesOver a shadow that has everything the live generation has takes its place with this
///     batch
public record Batch(
    Slot slot,
    Track track,
    String generation,
    long base,
    long next,
    Changes changes,
    Optional<Imprint> last,
    Writer writer,
    boolean takesOver) {

  /// Who makes batches one after the other without waiting for the answers. What it made after a
  /// refused one must be refused too, even when somebody else has moved the position to the very
  /// place where it begins: it may rest on views that were read too late.
  ///
  /// @param name of this row of batches, and of no other
  /// @param goesOn whether it is not the first of its row: then the position must have been moved
  ///     by the one before
  public record Writer(String name, boolean goesOn) {}
}
