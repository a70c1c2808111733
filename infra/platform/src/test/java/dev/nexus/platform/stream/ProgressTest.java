package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final TopicPartition INPUT = new TopicPartition("events", 0);

  private final Progress progress = new Progress();

  @Test
  void shouldCountTheEndOfATransactionAsDoneWhenNothingIsLeft() {
    // Given records 0 to 4, all done, and a marker at 5
    progress.handed(INPUT, 5);
    progress.workedOff(INPUT, 5);

    // Then
    assertThat(news(5)).isEqualTo(5);
    assertThat(news(6)).isEqualTo(6);
    assertThat(progress.news(Set.of(INPUT), _ -> 6)).isEmpty();
  }

  @Test
  void shouldNotCountWhatWasReadAndIsNotDone() {
    // Given
    progress.handed(INPUT, 9);
    progress.workedOff(INPUT, 5);

    // Then
    assertThat(news(9)).isEqualTo(5);
  }

  @Test
  void shouldNotTrustAPositionBeforeTheReaderWasPutWhereItBegins() {
    // Given
    progress.workedOff(INPUT, 5);

    // Then
    assertThat(news(8)).isEqualTo(5);
  }

  @Test
  void shouldForgetInputsOfOthers() {
    // Given
    progress.workedOff(INPUT, 5);

    // Then
    assertThat(progress.news(Set.of(), _ -> 8)).isEmpty();
    assertThat(progress.news(Set.of(INPUT), _ -> 8)).isEmpty();
  }

  private long news(long position) {
    OffsetAndMetadata told = progress.news(Set.of(INPUT), _ -> position).get(INPUT);
    return told == null ? -1 : told.offset();
  }
}
