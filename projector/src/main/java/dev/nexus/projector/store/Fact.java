package dev.nexus.projector.store;

import dev.nexus.event.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A record of the log with its place and its bytes as they are there.
///
/// @param <E> root of the topic's sealed hierarchy
public record Fact<E>(Slot slot, long offset, String recordKey, Event<E> event, ByteBuffer wire) {
  /// Longer records are kept by reference: the log has them.
  private static final int LARGEST_KEPT = 4 * 1024;

  /// The partition of its topic on which it stands.
  public int partition() {
    return slot.partition();
  }

  /// The form kept in Redis: `offset:length:` and the record's bytes, or `offset:0:` for a large
  /// one. Forms can be put one after the other.
  public ByteBuffer kept() {
    boolean whole = wire.remaining() <= LARGEST_KEPT;
    byte[] head =
        (offset + ":" + (whole ? wire.remaining() : 0) + ":").getBytes(StandardCharsets.US_ASCII);
    if (!whole) {
      return ByteBuffer.wrap(head);
    }
    return ByteBuffer.allocate(head.length + wire.remaining())
        .put(head)
        .put(wire.duplicate())
        .flip();
  }
}
