package dev.nexus.platform.host;

import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The directories that settings name beside the data directory, made before anything begins that
/// writes to them.
public final class Directories {
  private static final List<Setting> NAMED =
      List.of(Setting.SHARED_DIR, Setting.PAYLOAD_DIR, Setting.SNAPSHOT_DIR);

  private Directories() {}

  /// Throws `InvalidSettingException` for one that cannot be written.
  public static void require(Settings settings) {
    NAMED.stream().filter(settings::isSet).forEach(setting -> require(settings, setting));
  }

  private static void require(Settings settings, Setting setting) {
    Path directory = settings.path(setting);
    try {
      Files.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw wrong(setting, directory, "which is a file", e);
    } catch (IOException e) {
      throw wrong(setting, directory, "which cannot be made: " + e, e);
    }
    if (!Files.isWritable(directory)) {
      throw wrong(setting, directory, "which this user may not write", null);
    }
  }

  private static InvalidSettingException wrong(
      Setting setting, Path directory, String why, @Nullable IOException cause) {
    String said =
        setting.variable()
            + ": expected a directory that can be written, found '"
            + directory
            + "', "
            + why;
    return cause == null
        ? new InvalidSettingException(said)
        : new InvalidSettingException(said, cause);
  }
}
