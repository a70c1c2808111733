package dev.nexus.oracle.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Position;
import org.junit.jupiter.api.Test;

class FailedFactsTest {
  private final FailedFacts failed = new FailedFacts();
  private final Position fact = new Position("nexus.executions", 1, 7);
  private final Position next = new Position("nexus.executions", 1, 8);

  @Test
  void shouldPassAFactThatFailsAgainOnFreshState() {
    assertThat(failed.failedAgain(fact)).as("it may have been the state").isFalse();
    assertThat(failed.passes(fact)).isFalse();
    assertThat(failed.failedAgain(next)).isFalse();

    assertThat(failed.failedAgain(fact)).isTrue();

    assertThat(failed.passes(fact)).isTrue();
    assertThat(failed.passes(next)).isFalse();
  }
}
