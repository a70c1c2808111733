package dev.nexus.projector.store;

import java.nio.ByteBuffer;
import java.util.Map;

/// One change of what is kept in Redis. Folds give these and nothing else, so that the live
/// projection, a rebuild and its verification share one fold.
public sealed interface Mutation {
  Key key();

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

  /// Appends to a list.
  record Append(Key key, ByteBuffer value) implements Mutation {}

  /// Puts a member into a sorted set, or moves it there.
  record Index(Key key, String member, long score) implements Mutation {}

  /// Takes a member out of a sorted set.
  record Unindex(Key key, String member) implements Mutation {}

  /// Puts a member into a set.
  record Include(Key key, String member) implements Mutation {}

  /// Deletes the executions that finished first, until `kept` finished ones are left. `key` is the
  /// sorted set of finished executions (`tenant/id`) in their order.
  record EvictFinished(Key key, int kept) implements Mutation {}
}
