package dev.nexus.projector.rebuild;

import dev.nexus.event.Excerpt;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Slot;

/// One place where Redis is not what the log gives.
///
/// @param place the name in Redis, and the field or member in it after a space
/// @param at position of the log at which the two were compared
public record Difference(Slot slot, long at, String place, String expected, String found) {
  private static final int LONGEST = 300;

  public Difference {
    expected = shortened(expected);
    found = shortened(found);
  }

  static Difference of(
      Slot slot, String generation, long at, Key key, String expected, String found) {
    return new Difference(slot, at, slot.name(generation, key), expected, found);
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST
        ? text
        : Excerpt.of(text, LONGEST) + " (" + text.length() + " characters)";
  }

  @Override
  public String toString() {
    return place + " at " + at + ": the log gives " + expected + ", Redis has " + found;
  }
}
