package dev.nexus.standalone.doctor;

import dev.nexus.platform.admission.DiskLimits;
import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.admission.DiskUsage;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/// The room on disks, measured and judged as it is where new work is refused for it.
final class DiskChecks {
  private static final String CHECK = "disk";
  private static final long ENOUGH = 2L << 30;

  private DiskChecks() {}

  /// Of the brokers and the data directory.
  ///
  /// @param running whether a platform may have begun to refuse
  static List<Finding> ofAll(KafkaClients clients, Admin admin, Settings settings, boolean running)
      throws ExecutionException, InterruptedException {
    try {
      return List.of(
          judged(
              DiskUsage.ofBrokers(clients, admin, DiskUsage.directories(settings)),
              DiskLimits.of(settings),
              running));
    } catch (IOException e) {
      return List.of(unknown(settings, e));
    }
  }

  /// Of the data directory alone, where no brokers answer or none are named.
  static Finding ofDataDirectory(Settings settings) {
    try {
      return judged(DiskUsage.of(DiskUsage.directories(settings)), DiskLimits.of(settings), false);
    } catch (IOException e) {
      return unknown(settings, e);
    }
  }

  private static Path directory(Settings settings) {
    return settings.path(Setting.DATA_DIR);
  }

  private static Finding unknown(Settings settings, IOException e) {
    return Finding.broken(
        CHECK, "is not told: " + e.getMessage(), "look at " + directory(settings));
  }

  static Finding judged(Measured measured, DiskLimits limits, boolean running) {
    String detail =
        Settings.inMebibytes(measured.free())
            + " free on "
            + measured.place()
            + log(measured, limits);
    String mend =
        "free some space, or change "
            + Setting.DISK_RESERVE_MB.variable()
            + " or "
            + Setting.LOG_LIMIT_MB.variable();
    Optional<String> shortage = limits.shortage(measured, false);
    if (shortage.isPresent()) {
      return Finding.broken(CHECK, shortage.get(), mend + "; Kafka stops when its disk is full");
    }
    Optional<String> still = limits.shortage(measured, true);
    if (running && still.isPresent()) {
      return Finding.doubtful(
          CHECK,
          detail
              + ": a platform that has refused new work goes on to until there is a tenth more room"
              + " than the limit",
          mend);
    }
    return measured.free() < ENOUGH
        ? Finding.doubtful(CHECK, detail, "free some space")
        : Finding.good(CHECK, detail);
  }

  /// Without brokers nobody knows what the log has, which matters to whoever has limited it.
  private static String log(Measured measured, DiskLimits limits) {
    if (measured.log().isPresent()) {
      return ", the log has " + Settings.inMebibytes(measured.log().getAsLong());
    }
    return limits.limit() > 0
        ? ", and no broker says what the log has (" + Setting.LOG_LIMIT_MB.variable() + ")"
        : "";
  }
}
