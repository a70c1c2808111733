package dev.nexus.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Whatever an event of any topic says is read as it was written. A failure prints its seed.
class RoundTripPropertyTest {

  @Property(tries = 5_000)
  @SuppressWarnings({"unchecked", "rawtypes"})
  void shouldReadWhatWasWritten(@ForAll("topics") Topic topic, @ForAll long seed) {
    // Given
    EventCodec codec = EventCodec.of(topic, (Class) topic.events());
    Class<?>[] bodies = topic.events().getPermittedSubclasses();
    Event<?> event = new RandomEvents(seed).next(bodies[(int) Math.floorMod(seed, bodies.length)]);

    // When
    Event<?> read = codec.decode(codec.encode(event));

    // Then
    assertThat(read).isEqualTo(event);
  }

  @Provide
  Arbitrary<Topic> topics() {
    return Arbitraries.of(Arrays.stream(Topic.values()).filter(Topic::hasSchema).toList());
  }
}
