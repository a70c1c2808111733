package dev.nexus.projector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class ViewTextTest {

  @Property(tries = 300)
  void shouldReadBackWhatWasWritten(@ForAll Map<@AlphaChars @NotEmpty String, String> fields) {
    assertThat(ViewText.read(ViewText.write(fields))).isEqualTo(fields);
  }

  @Test
  void shouldKeepLineBreaksAndBackslashesOfValues() {
    Map<String, String> fields = Map.of("reason", "a\\b\nstatus FAILED", "status", "");
    assertThat(ViewText.read(ViewText.write(fields))).isEqualTo(fields);
  }

  @Test
  void shouldRefuseWhatIsNoView() {
    assertThatThrownBy(() -> ViewText.read("17:3:abc"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
