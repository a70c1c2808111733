package dev.nexus.projector.store;

import java.util.Map;

/// Hashes as they stand before a record is folded.
public interface Views {
  /// The fields of a hash that `Fold.reads` named; empty when there is no such hash.
  Map<String, String> fields(Key key);
}
