package dev.nexus.platform.admission;

import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.Node;

/// Measures the room on disks, for what refuses new work and for `doctor`.
public final class DiskUsage {
  private DiskUsage() {}

  /// What Nexus keeps outside of Kafka and Redis, on one disk or several.
  public static List<Path> directories(Settings settings) {
    return Stream.of(
            Setting.DATA_DIR, Setting.SHARED_DIR, Setting.PAYLOAD_DIR, Setting.SNAPSHOT_DIR)
        .filter(setting -> setting == Setting.DATA_DIR || settings.isSet(setting))
        .map(settings::path)
        .toList();
  }

  /// Of that one of the directories, which need not be there yet, that has the least room. What
  /// the log has only brokers tell.
  public static Measured of(List<Path> directories) throws IOException {
    String fullest = "";
    long free = Long.MAX_VALUE;
    for (Path directory : directories) {
      Path place = directory.toAbsolutePath();
      while (place.getParent() != null && !Files.exists(place)) {
        place = place.getParent();
      }
      long usable = Files.getFileStore(place).getUsableSpace();
      if (usable < free) {
        free = usable;
        fullest = place.toString();
      }
    }
    return new Measured(fullest, free, OptionalLong.empty());
  }

  /// Of directories and the brokers, which tell it of themselves, so that it is the same for an
  /// embedded one and for a cluster.
  public static Measured ofBrokers(KafkaClients clients, Admin admin, List<Path> directories)
      throws ExecutionException, IOException, InterruptedException {
    return of(directories).with(ofBrokers(clients, admin));
  }

  /// Of the brokers alone.
  static Measured ofBrokers(KafkaClients clients, Admin admin)
      throws ExecutionException, InterruptedException {
    Set<String> topics =
        Arrays.stream(Topic.values()).map(clients::name).collect(Collectors.toSet());
    String place = "";
    long free = Long.MAX_VALUE;
    long log = 0;
    List<Integer> brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
    for (Map<String, LogDirDescription> broker :
        admin.describeLogDirs(brokers).allDescriptions().get().values()) {
      for (var directory : broker.entrySet()) {
        long usable = directory.getValue().usableBytes().orElse(Long.MAX_VALUE);
        if (usable < free) {
          free = usable;
          place = "the broker's " + directory.getKey();
        }
        log += bytes(directory.getValue(), topics);
      }
    }
    return new Measured(place, free, OptionalLong.of(log));
  }

  private static long bytes(LogDirDescription directory, Set<String> topics) {
    return directory.replicaInfos().entrySet().stream()
        .filter(replica -> topics.contains(replica.getKey().topic()))
        .mapToLong(replica -> replica.getValue().size())
        .sum();
  }
}
