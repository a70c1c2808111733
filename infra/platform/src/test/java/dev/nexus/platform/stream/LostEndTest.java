package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class LostEndTest {
  private static final TopicPartition PARTITION = new TopicPartition("nexus.executions", 0);
  private static final ConsumerRecord<String, byte[]> LAST = record(7, 3, "last");

  private static ConsumerRecord<String, byte[]> record(long offset, int epoch, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return new ConsumerRecord<>(
        PARTITION.topic(),
        PARTITION.partition(),
        offset,
        0,
        TimestampType.CREATE_TIME,
        3,
        bytes.length,
        "key",
        bytes,
        new RecordHeaders(),
        Optional.of(epoch));
  }

  /// Whether it is felt at 10 on a log that has these from 7 on, and another one behind.
  @SafeVarargs
  private static boolean isFelt(
      Imprint last, boolean compacted, ConsumerRecord<String, byte[]>... log) {
    try (MockConsumer<String, byte[]> consumer = new MockConsumer<>("none")) {
      consumer.schedulePollTask(
          () -> {
            consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
            List.of(log).forEach(consumer::addRecord);
            consumer.addRecord(record(12, 4, "behind"));
          });
      return LostEnd.isFelt(consumer, PARTITION, last, 10, compacted);
    }
  }

  @Test
  void shouldFindTheRecordThatWasReadLast() {
    assertThat(isFelt(Imprint.of(LAST), false, LAST)).isFalse();
    assertThat(isFelt(Imprint.read(Imprint.of(LAST).text()).orElseThrow(), false, LAST)).isFalse();
  }

  @Test
  void shouldTellAnotherRecordThere() {
    assertThat(isFelt(Imprint.of(LAST), false, record(7, 3, "other"))).isTrue();
    assertThat(isFelt(Imprint.of(LAST), true, record(7, 3, "other"))).isTrue();
  }

  @Test
  void shouldTellTheSameRecordThatWasWrittenAgain() {
    assertThat(isFelt(Imprint.of(LAST), false, record(7, 4, "last"))).isTrue();
  }

  @Test
  void shouldNotAskForTheEpochOfWhatWasWrittenHere() {
    // Given
    Imprint written = Imprint.written(7, "key", LAST.value());

    // Then
    assertThat(isFelt(written, false, LAST)).isFalse();
    assertThat(isFelt(Imprint.read(written.text()).orElseThrow(), false, record(7, 3, "other")))
        .isTrue();
  }

  @Test
  void shouldTellByTheBeginningOfADigest() {
    // Given
    Imprint shortened = Imprint.of(LAST).shortened();

    // Then
    assertThat(shortened.digest()).hasSize(8);
    assertThat(isFelt(shortened, false, LAST)).isFalse();
    assertThat(isFelt(shortened, false, record(7, 3, "other"))).isTrue();
    assertThat(isFelt(shortened, false, record(7, 4, "last"))).isTrue();
  }

  @Test
  void shouldTellARecordWhereThereWasNone() {
    assertThat(isFelt(Imprint.of(LAST), false, LAST, record(9, 4, "new"))).isTrue();
  }

  @Test
  void shouldMissTheRecordUnlessItMayHaveBeenCompacted() {
    assertThat(isFelt(Imprint.of(LAST), false)).isTrue();
    assertThat(isFelt(Imprint.of(LAST), true)).isFalse();
  }
}
