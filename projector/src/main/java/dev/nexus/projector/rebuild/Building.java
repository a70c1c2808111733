package dev.nexus.projector.rebuild;

import dev.nexus.projector.rebuild.RebuildStatus.Part;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.stream.PartitionFold;

/// A partition that is built.
final class Building {
  /// Who had what is before the position at which an instance began.
  enum Source {
    /// Nobody: it began with the oldest record there is.
    LOG,
    SNAPSHOT,
    REBUILD
  }

  final PartitionFold<?> fold;

  /// Position at which this instance began, and who had what is before it.
  long began;

  Source source = Source.LOG;

  /// The log's end, as it was found last.
  long end;

  /// Whether nothing more is to be built: what is read is what was built, or was begun anew since.
  boolean over;

  Building(PartitionFold<?> fold) {
    this.fold = fold;
  }

  Slot slot() {
    return fold.slot();
  }

  String generation() {
    return fold.mark().generation();
  }

  /// How far it is.
  Part part() {
    long folded = Math.max(0, fold.mark().next());
    return new Part(
        ProjectionName.of(fold.fold()),
        folded,
        Math.max(folded, end),
        began,
        source == Source.SNAPSHOT ? began : 0,
        source == Source.REBUILD ? began : 0,
        1,
        over ? 1 : 0);
  }
}
