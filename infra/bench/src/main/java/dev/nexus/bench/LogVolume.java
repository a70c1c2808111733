package dev.nexus.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/// Records and bytes on Nexus's own topics.
final class LogVolume {
  /// `records` counts transaction markers too: they are written like any record.
  record Reading(long records, long bytes) {}

  private final Map<String, Object> kafka;

  /// @param kafka what reaches the broker
  LogVolume(Map<String, String> kafka) {
    this.kafka = Map.copyOf(kafka);
  }

  Reading read() throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(kafka)) {
      long bytes = 0;
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      var logs = admin.describeLogDirs(java.util.List.of(1)).allDescriptions().get();
      for (var directories : logs.values()) {
        for (var directory : directories.values()) {
          for (var replica : directory.replicaInfos().entrySet()) {
            if (replica.getKey().topic().contains("nexus.")) {
              bytes += replica.getValue().size();
              ends.put(replica.getKey(), OffsetSpec.latest());
            }
          }
        }
      }
      long records =
          admin.listOffsets(ends).all().get().values().stream().mapToLong(o -> o.offset()).sum();
      return new Reading(records, bytes);
    }
  }
}
