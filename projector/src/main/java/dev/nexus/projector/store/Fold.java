package dev.nexus.projector.store;

import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.List;

/// What a topic's records change in Redis: a pure function of the record and of the views it
/// names beforehand. The same records in the same order always give the same contents.
///
/// @param <E> root of the topic's sealed hierarchy
public interface Fold<E> {
  EventCodec<E> codec();

  /// Goes up when the same log would give other contents; then everything is folded again.
  int layout();

  /// Throws `UnreadableRecordException` for a record that is an event of its topic, and none that
  /// the topic's writer can have written; it has no effect.
  default void check(Fact<E> fact) {}

  /// The views that must be known before this record is folded.
  List<Key> reads(Fact<E> fact);

  /// What the record changes. Throws `IllegalArgumentException` for an impossible record; a record
  /// at which it throws, whatever that is, is dead-lettered.
  List<Mutation> fold(Fact<E> fact, Views views);

  /// What the deletion of a key of a compacted topic changes.
  default List<Mutation> deleted(String recordKey) {
    return List.of();
  }

  default Topic topic() {
    return codec().topic();
  }
}
