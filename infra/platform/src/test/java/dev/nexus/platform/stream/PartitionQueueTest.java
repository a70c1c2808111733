package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class PartitionQueueTest {
  private final PartitionQueue queue = new PartitionQueue();

  private static List<ConsumerRecord<String, byte[]>> records(int count, int bytes) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new ConsumerRecord<>(
                    "t",
                    0,
                    i,
                    0,
                    TimestampType.CREATE_TIME,
                    1,
                    bytes,
                    "k",
                    new byte[bytes],
                    new RecordHeaders(),
                    Optional.empty()))
        .toList();
  }

  @Test
  void shouldBeFullOfManySmallRecordsUntilMostAreTaken() throws Exception {
    // Given
    for (int i = 0; i < 8; i++) {
      assertThat(queue.add(1, records(500, 10))).isFalse();
    }

    // When
    boolean full = queue.add(1, records(1, 10));

    // Then
    assertThat(full).isTrue();
    assertThat(queue.hasRoom()).isFalse();
    while (!queue.isEmpty()) {
      assertThat(queue.take(Duration.ZERO, 1)).hasSizeLessThanOrEqualTo(1_000);
    }
    assertThat(queue.hasRoom()).isTrue();
  }

  @Test
  void shouldBeFullOfFewLargeRecordsUntilMostAreTaken() throws Exception {
    // Given
    for (int i = 0; i < 20; i++) {
      assertThat(queue.add(1, records(1, 200 << 10))).isFalse();
    }

    // When
    boolean full = queue.add(1, records(1, 200 << 10));

    // Then
    assertThat(full).isTrue();
    assertThat(queue.hasRoom()).isFalse();
    assertThat(queue.take(Duration.ZERO, 1)).hasSize(21);
    assertThat(queue.hasRoom()).isTrue();
  }

  @Test
  void shouldDropWhatWasReadForAPredecessor() throws Exception {
    // Given
    queue.add(1, records(2, 10));
    queue.add(2, records(3, 10));

    // When
    var taken = queue.take(Duration.ZERO, 2);

    // Then
    assertThat(taken).hasSize(3);
    assertThat(queue.isEmpty()).isTrue();
  }
}
