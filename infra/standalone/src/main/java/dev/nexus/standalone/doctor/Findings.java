package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.RunFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;

/// Everything that `doctor` finds.
public final class Findings {
  private Findings() {}

  /// Looks at the machine and at the brokers and the Redis that these settings name.
  ///
  /// @param settings what runs runs with, or would
  /// @param run the platform that runs on the data directory
  /// @param url where a service is said to answer; empty for the port of the settings
  public static List<Finding> of(Settings settings, Optional<RunFile> run, String url)
      throws InterruptedException {
    List<Finding> findings = new ArrayList<>(MachineChecks.run(settings, run, url));
    Optional<String> redis = RedisChecks.url(settings, run);
    redis.ifPresent(at -> findings.addAll(RedisChecks.run(at)));
    if (settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      findings.addAll(KafkaChecks.run(settings, run.isPresent(), redis));
    } else {
      findings.add(DiskChecks.ofDataDirectory(settings));
    }
    return findings;
  }

  /// One look that asks others.
  interface Look {
    List<Finding> now() throws ExecutionException, InterruptedException;
  }

  /// What is found, or that nobody says.
  static List<Finding> of(String check, Look look) throws InterruptedException {
    try {
      return look.now();
    } catch (ExecutionException e) {
      return List.of(untold(check, String.valueOf(e.getCause())));
    } catch (KafkaException | IllegalStateException e) {
      return List.of(untold(check, String.valueOf(e.getMessage())));
    }
  }

  private static Finding untold(String check, String why) {
    return Finding.broken(
        check,
        "the brokers do not tell it: " + why,
        "look at the brokers, and whether this user may describe their topics, groups and settings");
  }
}
