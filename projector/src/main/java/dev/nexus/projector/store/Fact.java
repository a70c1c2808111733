package dev.nexus.projector.store;

import dev.nexus.event.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A record of the log with its place and its bytes as they are there.
///
/// @param <E> root of the topic's sealed hierarchy
public record Fact<E>(Slot slot, long offset, String recordKey, Event<E> event, byte[] wire) {
  /// Longer records are kept by reference: the log has them.
  private static final int LARGEST_KEPT = 4 * 1024;

  private static final byte COLON = ':';

  /// The form kept in Redis: `offset:` and the record's bytes, or the offset alone for a large one.
  public ByteBuffer kept() {
    byte[] place = Long.toString(offset).getBytes(StandardCharsets.US_ASCII);
    if (wire.length > LARGEST_KEPT) {
      return ByteBuffer.wrap(place);
    }
    byte[] kept = new byte[place.length + 1 + wire.length];
    System.arraycopy(place, 0, kept, 0, place.length);
    kept[place.length] = COLON;
    System.arraycopy(wire, 0, kept, place.length + 1, wire.length);
    return ByteBuffer.wrap(kept);
  }
}
