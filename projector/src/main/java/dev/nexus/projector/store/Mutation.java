package dev.nexus.projector.store;

import java.nio.ByteBuffer;
import java.util.Map;

/// One change of what is kept in Redis. Folds give these and nothing else, so that the live
/// projection, a rebuild and its verification share one fold.
public sealed interface Mutation {
  Key key();

  /// Sets fields of a view: fields that are read and written together, kept as one text.
  record PutView(Key key, Map<String, String> fields) implements Mutation {}

  /// Forgets a view that `Finish` has deleted, so that the name can begin anew. What was changed
  /// before goes to Redis first: there the deletion comes last in a batch.
  record Forget(Key key) implements Mutation {}

  /// Sets fields of a hash.
  record PutFields(Key key, Map<String, String> fields) implements Mutation {}

  /// Removes a field of a hash.
  record RemoveField(Key key, String field) implements Mutation {}

  /// Sets a field of a hash unless it is there already.
  record PutOnce(Key key, String field, ByteBuffer value) implements Mutation {}

  /// Adds to a whole number in a hash.
  record Increment(Key key, String field, long by) implements Mutation {}

  /// Adds to a whole number in a hash unless `member` was counted before. The newest `kept`
  /// members are remembered, by position, in the sorted set `seen`.
  record IncrementOnce(
      Key key, String field, long by, Key seen, String member, long position, int kept)
      implements Mutation {}

  /// Sets bytes, whatever was there.
  record PutBytes(Key key, ByteBuffer value) implements Mutation {}

  /// Appends bytes to a value.
  record Append(Key key, ByteBuffer value) implements Mutation {}

  /// Puts a member into a sorted set, or moves it there.
  record Index(Key key, String member, long score) implements Mutation {}

  /// Takes a member out of a sorted set.
  record Unindex(Key key, String member) implements Mutation {}

  /// Puts a member into a set.
  record Include(Key key, String member) implements Mutation {}

  /// Puts an execution (`tenant/id`) at the end of the list of finished ones and deletes those that
  /// finished first, until `kept` are left.
  record Finish(Key key, String execution, int kept) implements Mutation {}
}
