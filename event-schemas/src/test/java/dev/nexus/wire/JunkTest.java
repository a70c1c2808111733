package dev.nexus.wire;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Bytes that are no event are refused in one way only, the one that every reader knows: any other
/// would stop a partition. A failure prints its seed.
class JunkTest {

  @Property(tries = 5_000)
  void shouldRefuseABrokenEventInOneWayOnly(@ForAll("topics") Topic topic, @ForAll long seed) {
    // Given an event with some bytes changed, and perhaps its end cut off
    Random random = new Random(seed);
    byte[] bytes = encoded(topic, seed);
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
    }
    byte[] cut = random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length));

    // Then
    assertThatCode(() -> decode(topic, cut)).doesNotThrowAnyException();
  }

  @Property(tries = 2_000)
  void shouldRefuseNoiseInOneWayOnly(@ForAll("topics") Topic topic, @ForAll long seed) {
    // Given noise behind the header of an event
    Random random = new Random(seed);
    byte[] noise = new byte[5 + random.nextInt(200)];
    random.nextBytes(noise);
    System.arraycopy(encoded(topic, seed), 0, noise, 0, 5);

    // Then
    assertThatCode(() -> decode(topic, noise)).doesNotThrowAnyException();
  }

  @Test
  void shouldRefuseADeletionAndAnEventOfAnotherTopic() {
    for (Topic topic : Topic.values()) {
      if (topic.hasSchema()) {
        Topic other = topic == Topic.METRICS ? Topic.LOGS : Topic.METRICS;
        refuse(topic, null);
        refuse(topic, encoded(other, 1));
      }
    }
  }

  private static void refuse(Topic topic, byte @Nullable [] bytes) {
    assertThatThrownBy(() -> codec(topic).decode(bytes))
        .as(topic.topicName())
        .isInstanceOf(UnreadableRecordException.class)
        .satisfies(
            asEvent ->
                assertThatThrownBy(() -> new TableReader(topic).read(bytes))
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessage(asEvent.getMessage()));
  }

  /// Some broken events are events all the same, or a row of the table.
  private static void decode(Topic topic, byte[] bytes) {
    try {
      new TableReader(topic).read(bytes);
    } catch (UnreadableRecordException expected) {
      // nor must it be a row
    }
    try {
      codec(topic).decode(bytes);
    } catch (UnreadableRecordException expected) {
      return;
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static byte[] encoded(Topic topic, long seed) {
    Class<?>[] bodies = topic.events().getPermittedSubclasses();
    Event<?> event = new RandomEvents(seed).next(bodies[(int) Math.floorMod(seed, bodies.length)]);
    return ((EventCodec) codec(topic)).encode(event);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static EventCodec<?> codec(Topic topic) {
    return EventCodec.of(topic, (Class) topic.events());
  }

  @Provide
  Arbitrary<Topic> topics() {
    return Arbitraries.of(Arrays.stream(Topic.values()).filter(Topic::hasSchema).toList());
  }
}
