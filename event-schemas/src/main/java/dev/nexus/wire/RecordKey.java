package dev.nexus.wire;

import org.jspecify.annotations.Nullable;

/// The key of a record must be the one that its event says: of a compacted topic the key alone
/// decides what a record replaces, and elsewhere who reads it.
public final class RecordKey {
  private RecordKey() {}

  /// Throws `UnreadableRecordException` where they differ.
  public static void require(String expected, @Nullable String found) {
    if (!expected.equals(found)) {
      throw new UnreadableRecordException("key " + expected + " expected, found " + found);
    }
  }
}
