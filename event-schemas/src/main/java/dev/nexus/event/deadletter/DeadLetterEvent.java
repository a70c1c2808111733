package dev.nexus.event.deadletter;

import dev.nexus.event.Doc;
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
      @Doc("Its value.") ByteBuffer originValue)
      implements DeadLetterEvent {}
}
