package dev.nexus.event.snapshot;

import dev.nexus.event.Doc;

/// What owners of state no longer need of the log, on `nexus.snapshots` (compacted by owner, place
/// and slot). Records of a fact topic are deleted only where all owners say so.
public sealed interface SnapshotEvent {
  String owner();

  String topic();

  int partition();

  long next();

  String log();

  /// A file holds what follows from all records of a partition before an offset. Owners keep the
  /// newest two: when one is damaged, the other and a longer tail of the log do.
  record SnapshotTaken(
      @Doc("Whose state it is: router, or the projection.") String owner,
      @Doc("Topic it was made from, without the installation's prefix.") String topic,
      @Doc("Partition of that topic.") int partition,
      @Doc("Offset of the first record that is not in it.") long next,
      @Doc("Offset of the first record that may be in it.") long since,
      @Doc("Which log that is: the cluster's id and the topic's.") String log,
      @Doc("Layout of the content; another layout cannot use it.") int layout,
      @Doc("Name of the file in the directory of snapshots.") String file,
      @Doc("SHA-256 of the file, hexadecimal.") String sha256,
      @Doc("Size of the file, bytes.") long bytes,
      @Doc("Entries in it.") long entries,
      @Doc("Last record in it: its offset, its epoch, its digest; empty where none is known.")
          String last)
      implements SnapshotEvent {}

  /// An owner that keeps no file has done all it will do with the records before an offset.
  record PositionCovered(
      @Doc("Who: oracle/<partition>.") String owner,
      @Doc("Topic it reads, without the installation's prefix.") String topic,
      @Doc("Partition of that topic.") int partition,
      @Doc("Offset of the first record it may still need.") long next,
      @Doc("Which log that is: the cluster's id and the topic's.") String log)
      implements SnapshotEvent {}
}
