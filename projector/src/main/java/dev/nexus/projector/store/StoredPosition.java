package dev.nexus.projector.store;

import dev.nexus.platform.stream.Imprint;
import java.util.Optional;

/// What Redis says about a partition.
public sealed interface StoredPosition {

  /// Nothing: never folded, or wiped.
  record None() implements StoredPosition {}

  /// A newer version keeps it, in a form of which this one knows no more than the generation.
  record Newer(String form, String generation) implements StoredPosition {}

  /// `log` names the log it was folded from, `from` the position of the first record that could be
  /// in it; `open` tells of a batch that failed half-way; `last` is the record that was applied
  /// last, empty when none was since the generation began.
  record At(String log, int layout, long from, Mark mark, boolean open, Optional<Imprint> last)
      implements StoredPosition {}
}
