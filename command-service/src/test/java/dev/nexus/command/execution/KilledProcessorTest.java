package dev.nexus.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Killing the owner after any record leads to the same log. A failure prints the seed that
/// repeats it.
class KilledProcessorTest {

  @Property(tries = 150)
  void shouldWriteTheSameLogWhereverItIsKilled(@ForAll long seed) {
    // Given
    List<RandomExecution.Asked> inputs = new RandomExecution(seed).run(40).settle().asked();
    PaperLog undisturbed = new PaperLog(inputs, seed, Set.of()).run();

    for (int kill = 1; kill <= undisturbed.written(); kill++) {
      // When
      PaperLog killed = new PaperLog(inputs, seed + kill, Set.of(kill)).run();

      // Then
      assertThat(killed.byId()).as("killed after record %d", kill).isEqualTo(undisturbed.byId());
      assertThat(killed.contradictsItself()).isFalse();
    }
  }

  @Property(tries = 500)
  void shouldWriteTheSameLogHoweverOftenItIsKilled(@ForAll long seed) {
    // Given
    List<RandomExecution.Asked> inputs = new RandomExecution(seed).run(60).asked();
    PaperLog undisturbed = new PaperLog(inputs, seed, Set.of()).run();
    Set<Integer> kills =
        new Random(seed)
            .ints(8, 1, Math.max(2, undisturbed.written() * 2))
            .boxed()
            .collect(Collectors.toSet());

    // When
    PaperLog killed = new PaperLog(inputs, seed + 1, kills).run();

    // Then
    assertThat(killed.byId()).isEqualTo(undisturbed.byId());
    assertThat(List.copyOf(killed.byId().keySet()))
        .isEqualTo(List.copyOf(undisturbed.byId().keySet()));
  }
}
