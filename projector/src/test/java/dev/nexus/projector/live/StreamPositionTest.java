package dev.nexus.projector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.projector.live.StreamPosition.Part;
import dev.nexus.topic.Topic;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamPositionTest {

  @Test
  void shouldReadBackItsOwnText() {
    var position =
        new StreamPosition(
            Map.of(
                new Part(Topic.EXECUTIONS, 11), 42L,
                new Part(Topic.EXECUTIONS, 2), 7L,
                new Part(Topic.PROMOTIONS, 0), 1L));
    assertThat(position).hasToString("x2:7,x11:42,p0:1");
    assertThat(StreamPosition.parse("x2:7,x11:42,p0:1")).isEqualTo(position);
  }

  @Test
  void shouldRefuseWhatIsNoPosition() {
    for (String text : new String[] {"", "17", "z0:1", "x:1", "x0:a"}) {
      assertThatThrownBy(() -> StreamPosition.parse(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
