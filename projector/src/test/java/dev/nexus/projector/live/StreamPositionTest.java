package dev.nexus.projector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.live.StreamPosition.Part;
import dev.nexus.topic.Topic;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamPositionTest {

  private static final Part FIRST = new Part(Topic.EXECUTIONS, 2);
  private static final Part SECOND = new Part(Topic.EXECUTIONS, 11);
  private static final Part THIRD = new Part(Topic.PROMOTIONS, 0);

  @Test
  void shouldReadBackItsOwnText() {
    var position =
        new StreamPosition(
            Map.of(SECOND, 42L, FIRST, 7L, THIRD, 1L),
            Map.of(
                SECOND, new Imprint(40, 3, "0a1b2c3d"),
                THIRD, new Imprint(0, -1, "ffffffff")));
    assertThat(position).hasToString("x2:7,x11:42~2.3.0a1b2c3d,p0:1~1.-1.ffffffff");
    assertThat(StreamPosition.parse(position.toString())).isEqualTo(position);
  }

  @Test
  void shouldReadWhatSaysNothingOfRecords() {
    var position = new StreamPosition(Map.of(SECOND, 42L, FIRST, 7L, THIRD, 1L));
    assertThat(position).hasToString("x2:7,x11:42,p0:1");
    assertThat(StreamPosition.parse("x2:7,x11:42,p0:1")).isEqualTo(position);
  }

  @Test
  void shouldRefuseWhatIsNoPosition() {
    for (String text :
        new String[] {
          "", "17", "z0:1", "x:1", "x0:a", "x0:1~", "x0:1~1.3", "x0:1~2.3.0a1b2c3d", "x0:1~1.3.0a1b"
        }) {
      assertThatThrownBy(() -> StreamPosition.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
