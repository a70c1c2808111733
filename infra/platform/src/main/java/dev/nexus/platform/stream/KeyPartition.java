package dev.nexus.platform.stream;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/// The partition that Kafka's default partitioner gives a key. Whoever looks something up by its
/// key relies on its writer having asked the same: of a topic with another number of partitions, or
/// another partitioner, it would look in the wrong place.
public final class KeyPartition {
  private KeyPartition() {}

  /// @param partitions that the topic has
  public static int of(String key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
  }
}
