package dev.nexus.event.deadletter;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import java.nio.ByteBuffer;

/// Records that could not be used, on `nexus.dead-letters`, with all that is needed to try again.
public sealed interface DeadLetterEvent {

  record RecordDeadLettered(
      @Doc("Topic it stood on.") String originTopic,
      @Doc("Partition it stood on.") int originPartition,
      @Doc("Its offset.") long originOffset,
      @Doc("Service that could not use it.") String service,
      @Doc("Why not.") String reason,
      @Doc("Its key.") ByteBuffer originKey,
      @Doc("Its value; of a large one the beginning.") ByteBuffer originValue,
      @Doc("Its headers: a JSON array of {name, value}, the values in Base64.") Json originHeaders,
      @Doc("Bytes of the whole value.") long originBytes)
      implements DeadLetterEvent {}

  /// Somebody had it written again, to the partition it came from.
  record RecordReplayed(
      @Doc("Topic it stood on.") String originTopic,
      @Doc("Partition it stood on.") int originPartition,
      @Doc("Its offset.") long originOffset)
      implements DeadLetterEvent {}
}
