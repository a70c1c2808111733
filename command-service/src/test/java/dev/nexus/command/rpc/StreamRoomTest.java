package dev.nexus.command.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// How many events a stream may ask for.
class StreamRoomTest {
  private static final long MIB = 1 << 20;

  private static StreamRoom room(long largest) {
    return new StreamRoom(largest, 1);
  }

  @Test
  void shouldCountWhatWasAskedForAsTheLargest() {
    // Given
    StreamRoom room = room(MIB);

    // Then
    assertThat(room.more(0, 0)).isEqualTo(4);
    assertThat(room.more(0, 3)).isEqualTo(1);
    assertThat(room.more(0, 4)).isZero();
    assertThat(room.more(1, 3)).isZero();
    assertThat(room.more(MIB, 1)).isEqualTo(2);
    assertThat(room.more(5 * MIB, 0)).isZero();
  }

  /// From 4 MiB on, the next one waited for the answer to the one before.
  @Test
  void shouldAskForAnotherWhileASmallOneIsNotAnsweredHoweverLargeTheyMayBe() {
    for (long largest = 1; largest <= 64 * MIB; largest *= 2) {
      assertThat(room(largest).more(1, 0)).as("largest %d", largest).isPositive();
    }
  }

  @Test
  void shouldHoldTwoOfTheLargestAtMostWhereTheyAreLarge() {
    for (long largest = 2 * MIB; largest <= 64 * MIB; largest *= 2) {
      assertThat(room(largest).more(0, 0)).as("largest %d", largest).isEqualTo(2);
      assertThat(room(largest).more(largest, 1)).as("largest %d", largest).isZero();
      assertThat(room(largest).more(0, 2)).as("largest %d", largest).isZero();
    }
  }
}
