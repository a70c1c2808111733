package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.util.ArrayList;
import java.util.List;

/// Where a shell says something else than what the platform was started with.
final class SettingChecks {
  private static final String CHECK = "settings";

  private SettingChecks() {}

  static Finding run(Settings shell, Settings running) {
    List<String> different = new ArrayList<>();
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
}
