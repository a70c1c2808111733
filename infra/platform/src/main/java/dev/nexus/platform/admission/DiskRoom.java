package dev.nexus.platform.admission;

import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every few seconds how much room the brokers' disks and the directories of Nexus have.
final class DiskRoom extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);
  private static final Duration EVERY = Duration.ofSeconds(3);

  private final KafkaClients clients;
  private final Here directories;
  private final DiskLimits limits;
  private final Admin admin;
  private volatile Optional<String> shortage = Optional.empty();
  private volatile Optional<Measured> newest = Optional.empty();

  /// What is short here.
  private Optional<String> here = Optional.empty();

  /// What was short at the brokers when they last told.
  private Optional<String> atBrokers = Optional.empty();

  /// Measures the directories of this machine.
  interface Here {
    Measured now() throws IOException;
  }

  DiskRoom(KafkaClients clients, List<Path> directories, DiskLimits limits) {
    this(clients, () -> DiskUsage.of(directories), limits);
  }

  DiskRoom(KafkaClients clients, Here directories, DiskLimits limits) {
    super("disk-room", EVERY, First.AT_ONCE);
    this.clients = clients;
    this.admin = clients.impatientAdmin();
    this.directories = directories;
    this.limits = limits;
  }

  /// Why there is too little; empty when there is enough, as far as is known.
  Optional<String> shortage() {
    return shortage;
  }

  /// Has a registry tell what was measured last; no number before the first time.
  void tellTo(MeterRegistry meters) {
    Measure.DISK_FREE.gauge(meters, this, DiskRoom::free);
    Measure.LOG_SIZE.gauge(meters, this, DiskRoom::log);
  }

  private double free() {
    return newest.map(measured -> (double) measured.free()).orElse(Double.NaN);
  }

  private double log() {
    OptionalLong bytes = newest.map(Measured::log).orElse(OptionalLong.empty());
    return bytes.isPresent() ? bytes.getAsLong() : Double.NaN;
  }

  /// Here and at the brokers are judged apart: each refuses until it has room itself. Brokers that
  /// do not tell of their disks, as they are away or may not be asked, leave what was known of them
  /// as it was; what is here is judged all the same.
  @Override
  protected void round() throws IOException, InterruptedException {
    Measured near = directories.now();
    here = limits.shortage(near, here.isPresent());
    try {
      Measured brokers = DiskUsage.ofBrokers(clients, admin);
      newest = Optional.of(near.with(brokers));
      atBrokers = limits.shortage(brokers, atBrokers.isPresent());
    } catch (ExecutionException | KafkaException e) {
      LOG.atDebug().setCause(e).log("the brokers do not tell of their disks");
      newest = Optional.of(near);
    }
    decide(here.or(() -> atBrokers));
  }

  /// What was last known stands.
  @Override
  protected void failed(Throwable failure) {
    LOG.atDebug().setCause(failure).log("the disks could not be looked at");
  }

  private void decide(Optional<String> now) {
    Optional<String> before = shortage;
    shortage = now;
    if (now.isPresent() && before.isEmpty()) {
      LOG.atError().addKeyValue("reason", now.get()).log("new work is refused");
    } else if (now.isEmpty() && before.isPresent()) {
      LOG.atInfo().log("there is room again, new work is taken");
    }
  }

  @Override
  protected void release() {
    admin.close(Duration.ZERO);
  }
}
