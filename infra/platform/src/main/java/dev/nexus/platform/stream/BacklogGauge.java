package dev.nexus.platform.stream;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Measures once a second how far a reader is behind, on the reader's own thread, from what its
/// consumer knows anyway: nothing is asked of the broker for it.
public final class BacklogGauge {
  private final BacklogReports reports;
  private final String reader;
  private long measuredAt = System.nanoTime();

  public BacklogGauge(BacklogReports reports, String reader) {
    this.reports = reports;
    this.reader = reader;
  }

  /// Whether a second has passed since it was last.
  boolean isTime() {
    long now = System.nanoTime();
    if (now - measuredAt < BacklogReports.EVERY.toNanos()) {
      return false;
    }
    measuredAt = now;
    return true;
  }

  /// Measures one partition number.
  void measured(int partition, long behind) {
    reports.measured(reader, partition, behind);
  }

  /// Records on these partitions that the consumer has not given out yet, as far as it knows.
  static long behind(KafkaConsumer<String, byte[]> consumer, Iterable<TopicPartition> partitions) {
    long behind = 0;
    for (TopicPartition partition : partitions) {
      behind += consumer.currentLag(partition).orElse(0);
    }
    return behind;
  }
}
