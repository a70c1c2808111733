package dev.nexus.projector.store;

import java.util.Map;

/// Views as they stand before a record is folded.
public interface Views {
  /// The fields of a view that `Fold.reads` named; empty when there is none.
  Map<String, String> fields(Key key);
}
