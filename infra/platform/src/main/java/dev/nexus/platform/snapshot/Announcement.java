package dev.nexus.platform.snapshot;

import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/// Which records of `nexus.snapshots` an owner can have written. What they say decides which facts
/// are deleted and from where a state goes on, so one that says it under the key of another, or of
/// a file elsewhere, counts for nothing.
public final class Announcement {
  private Announcement() {}

  /// What the keys of all records about a state of an owner begin with.
  static String key(SnapshotEvent event) {
    return event.owner() + "/" + event.topic() + "/" + event.partition();
  }

  /// Throws `UnreadableRecordException` for a record that is none.
  public static void require(@Nullable String key, SnapshotEvent event) {
    if (event.partition() < 0 || event.next() < 0) {
      throw new UnreadableRecordException(
          "a partition and an offset of 0 or more expected, found "
              + event.partition()
              + " and "
              + event.next());
    }
    switch (event) {
      case SnapshotTaken taken -> {
        RecordKey.require(key(taken) + "/" + slot(key), key);
        if (taken.since() < 0 || taken.since() > taken.next()) {
          throw new UnreadableRecordException(
              "facts from 0 or more to " + taken.next() + " expected, found " + taken.since());
        }
        if (!SnapshotStore.isName(taken.file())) {
          throw new UnreadableRecordException(
              "the name of a snapshot expected, found '" + taken.file() + "'");
        }
      }
      case PositionCovered covered -> RecordKey.require(key(covered), key);
    }
  }

  private static int slot(@Nullable String key) {
    for (int slot = 1; slot < SnapshotIndex.KEPT; slot++) {
      if (key != null && key.endsWith("/" + slot)) {
        return slot;
      }
    }
    return 0;
  }
}
