package dev.nexus.command.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NewestFactsTest {
  private static ConsumerRecord<String, byte[]> record(long offset, byte @Nullable [] value) {
    return new ConsumerRecord<>("nexus.executions", 0, offset, "default/" + offset, value);
  }

  @Test
  void shouldTakeWhatNobodyCanReadForOneOfNoBytes() {
    // Given
    var newest = new NewestFacts();

    // When
    var older = newest.add(record(0, null));
    older.addAll(newest.add(record(1, new byte[] {1})));

    // Then
    assertThat(older).isEmpty();
    assertThat(newest.all()).extracting(ConsumerRecord::offset).containsExactly(0L, 1L);
  }

  @Test
  void shouldLetTheOldestGoWhenTheyAreMoreThanOneWriteHas() {
    // Given
    var newest = new NewestFacts();

    // When
    long gone =
        IntStream.range(0, 30)
            .mapToLong(i -> newest.add(record(i, new byte[100_000])).size())
            .sum();

    // Then
    assertThat(gone).isEqualTo(20);
    assertThat(newest.all()).first().extracting(ConsumerRecord::offset).isEqualTo(20L);
  }
}
