package dev.nexus.platform.stream;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/// Where partitions begin, end, or come to a time, as readers of committed records see it: an end
/// behind which something is written but not committed would be waited for by them.
public final class LogOffsets {
  private LogOffsets() {}

  /// The offset that each partition has there. One that has none, as of a time after all its
  /// records, is left out.
  public static Map<TopicPartition, Long> at(
      Admin admin, Collection<TopicPartition> partitions, OffsetSpec spec)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    recordsAt(admin, partitions, spec)
        .forEach((partition, record) -> offsets.put(partition, record.offset()));
    return offsets;
  }

  /// As `at`, with the time of the record that stands there, where that was asked for by a time.
  public static Map<TopicPartition, ListOffsetsResultInfo> recordsAt(
      Admin admin, Collection<TopicPartition> partitions, OffsetSpec spec)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, spec));
    var options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    Map<TopicPartition, ListOffsetsResultInfo> found =
        new HashMap<>(admin.listOffsets(asked, options).all().get());
    found.values().removeIf(record -> record.offset() < 0);
    return found;
  }
}
