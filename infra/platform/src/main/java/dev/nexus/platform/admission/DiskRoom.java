package dev.nexus.platform.admission;

import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.stream.KafkaClients;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every few seconds how much room the brokers' disks and the data directory have.
final class DiskRoom extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);
  private static final Duration EVERY = Duration.ofSeconds(3);

  private final KafkaClients clients;
  private final List<Path> directories;
  private final DiskLimits limits;
  private final Admin admin;
  private volatile Optional<String> shortage = Optional.empty();

  DiskRoom(KafkaClients clients, List<Path> directories, DiskLimits limits) {
    super("disk-room", EVERY, First.AT_ONCE);
    this.clients = clients;
    this.admin = clients.admin();
    this.directories = List.copyOf(directories);
    this.limits = limits;
  }

  /// Why there is too little; empty when there is enough, as far as is known.
  Optional<String> shortage() {
    return shortage;
  }

  @Override
  protected void round() throws ExecutionException, IOException, InterruptedException {
    decide(DiskUsage.ofBrokers(clients, admin, directories));
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

  @Override
  protected void release() {
    admin.close(Duration.ZERO);
  }
}
