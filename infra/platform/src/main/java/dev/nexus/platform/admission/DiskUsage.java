package dev.nexus.platform.admission;

import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.Node;

/// Measures the room on disks, for what refuses new work and for `doctor`.
public final class DiskUsage {
  private DiskUsage() {}

  /// Of a directory alone, which need not be there yet.
  public static Measured of(Path dataDirectory) throws IOException {
    Path place = dataDirectory;
    while (place.getParent() != null && !Files.exists(place)) {
      place = place.getParent();
    }
    return new Measured(place.toString(), Files.getFileStore(place).getUsableSpace(), 0);
  }

  /// Of a directory and the brokers, which tell it of themselves, so that it is the same for an
  /// embedded one and for a cluster.
  public static Measured ofBrokers(KafkaClients clients, Admin admin, Path dataDirectory)
      throws ExecutionException, IOException, InterruptedException {
    Set<String> topics =
        Arrays.stream(Topic.values()).map(clients::name).collect(Collectors.toSet());
    Measured here = of(dataDirectory);
    String place = here.place();
    long free = here.free();
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
    return new Measured(place, free, log);
  }

  private static long bytes(LogDirDescription directory, Set<String> topics) {
    return directory.replicaInfos().entrySet().stream()
        .filter(replica -> topics.contains(replica.getKey().topic()))
        .mapToLong(replica -> replica.getValue().size())
        .sum();
  }
}
