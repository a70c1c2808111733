package dev.nexus.platform.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesTest {
  @TempDir Path directory;

  @Test
  void shouldMakeTheDirectoriesThatSettingsName() {
    // When
    Directories.require(
        Settings.of(
            Map.of(
                "NEXUS_SHARED_DIR", directory.resolve("a/shared").toString(),
                "NEXUS_SNAPSHOT_DIR", directory.resolve("snapshots").toString())));

    // Then
    assertThat(directory.resolve("a/shared")).isDirectory();
    assertThat(directory.resolve("snapshots")).isDirectory();
  }

  @Test
  void shouldNameTheSettingWhoseDirectoryIsNone() throws Exception {
    // Given
    Path file = Files.writeString(directory.resolve("file"), "");
    var under = Settings.of(Map.of("NEXUS_PAYLOAD_DIR", file.resolve("below").toString()));
    var same = Settings.of(Map.of("NEXUS_SHARED_DIR", file.toString()));

    // Then
    assertThatThrownBy(() -> Directories.require(under))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith(
            "NEXUS_PAYLOAD_DIR: expected a directory that can be written, found '"
                + file.resolve("below")
                + "', which cannot be made: ");
    assertThatThrownBy(() -> Directories.require(same))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageEndingWith(file + "', which is a file");
  }
}
