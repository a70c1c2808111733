package dev.nexus.platform.stream;

import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.topic.Topic.Keep;
import java.util.HashMap;
import java.util.Map;

/// What the brokers are told about a topic.
final class TopicConfigs {
  /// Records after which a partition is synced.
  static final String FLUSH = "flush.messages";

  /// Whose time records bear.
  static final String STAMP = "message.timestamp.type";

  static final String WHEN_TAKEN = "LogAppendTime";

  /// Bytes of a file: whole ones only are freed or compacted.
  private static final String FILE = Integer.toString(64 << 20);

  private TopicConfigs() {}

  static Map<String, String> of(Topic topic, Profile profile, boolean syncEverything) {
    Map<String, String> configs = new HashMap<>();
    configs.put("min.insync.replicas", Integer.toString(profile.minInSyncReplicas()));
    configs.put("max.message.bytes", Integer.toString(TopicTable.largestRecord(topic)));
    // The broker deletes files, and begins new ones, by the times of their records. By an old one
    // it would delete a record before it was read, by one that is to come it would keep all of a
    // partition until then. So what a producer says is in the event alone.
    configs.put(STAMP, WHEN_TAKEN);
    switch (topic.keep()) {
      case Keep.For(var time) -> configs.put("retention.ms", Long.toString(time.toMillis()));
      case Keep.Latest(var whole) -> {
        configs.put("cleanup.policy", "compact");
        if (whole.isPositive()) {
          configs.put("min.compaction.lag.ms", Long.toString(whole.toMillis()));
          configs.put("segment.bytes", FILE);
        }
      }
      case Keep.Forever() -> configs.put("retention.ms", "-1");
      case Keep.ByOwner() -> {
        configs.put("retention.ms", "-1");
        configs.put("segment.bytes", FILE);
      }
    }
    if (syncEverything || topic.sync() == Topic.Sync.EACH) {
      configs.put(FLUSH, "1");
    }
    return configs;
  }

  /// Whether a setting keeps at least what the table asks for.
  static boolean suffices(String name, String wanted, String found) {
    return switch (name) {
      case "retention.ms" ->
          found.equals("-1")
              || !wanted.equals("-1") && Long.parseLong(found) >= Long.parseLong(wanted);
      case "min.insync.replicas", "max.message.bytes", "min.compaction.lag.ms" ->
          Long.parseLong(found) >= Long.parseLong(wanted);
      case "segment.bytes" -> true; // one that is larger frees the disk later
      default -> found.equals(wanted);
    };
  }
}
