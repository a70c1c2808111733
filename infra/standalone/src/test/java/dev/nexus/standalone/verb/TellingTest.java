package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TellingTest {
  private final StringWriter err = new StringWriter();
  private long now;

  @Test
  void shouldSayNothingTwiceAndNothingAtFirst() {
    // Given
    var terminal =
        new Terminal(new PrintWriter(new StringWriter()), new PrintWriter(err, true), Map.of());
    var telling = new Telling(terminal, () -> now);

    // When
    telling.tell("10 %");
    now = Duration.ofSeconds(3).toNanos();
    telling.tell("20 %");
    now = Duration.ofSeconds(5).toNanos();
    telling.tell("20 %");
    telling.tell("30 %");

    // Then
    assertThat(err.toString().lines()).containsExactly("20 %", "30 %");
  }
}
