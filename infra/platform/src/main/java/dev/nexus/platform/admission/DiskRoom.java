package dev.nexus.platform.admission;

import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.service.NexusService;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.Node;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every few seconds how much room the brokers' disks and the data directory have. Brokers
/// tell it of themselves, so it is the same for an embedded one and for a cluster.
final class DiskRoom implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);
  private static final Duration EVERY = Duration.ofSeconds(3);

  private final KafkaClients clients;
  private final Path dataDirectory;
  private final DiskLimits limits;
  private final Set<String> topics;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile Optional<String> shortage = Optional.empty();

  DiskRoom(KafkaClients clients, Path dataDirectory, DiskLimits limits) {
    this.clients = clients;
    this.dataDirectory = dataDirectory;
    this.limits = limits;
    this.topics = Arrays.stream(Topic.values()).map(clients::name).collect(Collectors.toSet());
    this.thread = Thread.ofPlatform().daemon().name("disk-room").unstarted(this::run);
  }

  /// Why there is too little; empty when there is enough, as far as is known.
  Optional<String> shortage() {
    return shortage;
  }

  @Override
  public String name() {
    return "disk-room";
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    // Until it has looked, there is enough.
  }

  @Override
  public boolean healthy() {
    return thread.isAlive();
  }

  private void run() {
    try (Admin admin = clients.admin()) {
      do {
        try {
          decide(measure(admin));
        } catch (ExecutionException | IOException | RuntimeException e) {
          // What was last known stands: a broker that is away is told of elsewhere.
          LOG.atDebug().setCause(e).log("the disks could not be looked at");
        }
      } while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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

  private Measured measure(Admin admin)
      throws ExecutionException, IOException, InterruptedException {
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
  public void close() {
    closing.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
