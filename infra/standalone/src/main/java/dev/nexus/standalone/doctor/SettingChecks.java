package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.MisspeltSettings;
import dev.nexus.standalone.run.RunFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a shell says something else than what the platform was started with, or what nobody
/// understands.
final class SettingChecks {
  private static final String CHECK = "settings";

  private SettingChecks() {}

  /// @param run the platform that runs
  static List<Finding> run(Settings shell, Optional<RunFile> run) {
    List<Finding> findings = new ArrayList<>();
    run.ifPresent(found -> findings.add(compared(shell, found)));
    MisspeltSettings.of(shell).stream()
        .map(said -> Finding.doubtful(CHECK, said, "correct it, or unset it"))
        .forEach(findings::add);
    return findings;
  }

  private static Finding compared(Settings shell, RunFile run) {
    Settings running = RunFile.reached(Optional.of(run), shell);
    List<String> different = servers(shell, run);
    List<String> changed = new ArrayList<>();
    running
        .openly()
        .forEach(
            (setting, value) -> {
              if (setting == Setting.DATA_DIR) {
                return;
              }
              if (!value.equals(setting.defaultValue())) {
                changed.add(setting.variable() + "=" + value);
              }
              if (shell.isGiven(setting) && !shell.text(setting).equals(value)) {
                different.add(
                    setting.variable()
                        + " is "
                        + value
                        + " there and "
                        + shell.text(setting)
                        + " here");
              }
            });
    String with = changed.isEmpty() ? "defaults" : String.join(", ", changed);
    return different.isEmpty()
        ? Finding.good(CHECK, "the platform runs with " + with)
        : Finding.doubtful(
            CHECK,
            "the platform runs with other ones than this shell has: "
                + String.join("; ", different),
            "./nexus down and ./nexus up take those of this shell; all else here judges what runs");
  }

  /// Brokers and Redis, whose addresses the platform leaves only as far as they hold no password.
  private static List<String> servers(Settings shell, RunFile run) {
    List<String> different = new ArrayList<>();
    String brokers = shell.text(Setting.KAFKA_BOOTSTRAP_SERVERS);
    if (!brokers.isEmpty() && !brokers.equals(run.addresses().kafka())) {
      different.add(
          Setting.KAFKA_BOOTSTRAP_SERVERS.variable()
              + " is "
              + run.addresses().kafka()
              + (run.addresses().ownBroker() ? ", its own broker," : "")
              + " there and "
              + brokers
              + " here");
    }
    if (shell.isSet(Setting.REDIS_URL) && run.addresses().redisPort() != 0) {
      different.add(
          "it has a Redis of its own, and " + Setting.REDIS_URL.variable() + " names another here");
    }
    return different;
  }
}
