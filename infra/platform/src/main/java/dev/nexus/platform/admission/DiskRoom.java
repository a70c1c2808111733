package dev.nexus.platform.admission;

import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.Node;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every few seconds how much room the brokers' disks and the data directory have. Brokers
/// tell it of themselves, so it is the same for an embedded one and for a cluster.
final class DiskRoom extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);
  private static final Duration EVERY = Duration.ofSeconds(3);

  private final Path dataDirectory;
  private final DiskLimits limits;
  private final Set<String> topics;
  private final Admin admin;
  private volatile Optional<String> shortage = Optional.empty();

  DiskRoom(KafkaClients clients, Path dataDirectory, DiskLimits limits) {
    super("disk-room", EVERY, First.AT_ONCE);
    this.admin = clients.admin();
    this.dataDirectory = dataDirectory;
    this.limits = limits;
    this.topics = Arrays.stream(Topic.values()).map(clients::name).collect(Collectors.toSet());
  }

  /// Why there is too little; empty when there is enough, as far as is known.
  Optional<String> shortage() {
    return shortage;
  }

  @Override
  protected void round() throws ExecutionException, IOException, InterruptedException {
    decide(measure());
  }

  /// What was last known stands: a broker that is away is told of elsewhere.
  @Override
  protected void failed(Throwable failure) {
    LOG.atDebug().setCause(failure).log("the disks could not be looked at");
  }

  private void decide(Measured measured) {
    Optional<String> before = shortage;
    shortage = limits.shortage(measured, before.isPresent());
    if (shortage.isPresent() && before.isEmpty()) {
      LOG.atError().addKeyValue("reason", shortage.get()).log("new work is refused");
    } else if (shortage.isEmpty() && before.isPresent()) {
      LOG.atInfo().log("there is room again, new work is taken");
    }
  }

  private Measured measure() throws ExecutionException, IOException, InterruptedException {
    long free = Files.getFileStore(dataDirectory).getUsableSpace();
    String place = dataDirectory.toString();
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
        log += bytes(directory.getValue());
      }
    }
    return new Measured(place, free, log);
  }

  private long bytes(LogDirDescription directory) {
    return directory.replicaInfos().entrySet().stream()
        .filter(replica -> topics.contains(replica.getKey().topic()))
        .mapToLong(replica -> replica.getValue().size())
        .sum();
  }

  @Override
  protected void release() {
    admin.close(Duration.ZERO);
  }
}
