package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskUsageTest {
  /// A disk of its own, with no room at all.
  private static final Path NO_ROOM = Path.of("/proc/self");

  @TempDir Path roomy;

  @Test
  void shouldTellOfTheFullestOfAllDisksThatNexusKeepsThingsOn() throws Exception {
    // Given
    assumeThat(NO_ROOM).as("a system that has it").exists();
    assertThat(Files.getFileStore(NO_ROOM).getUsableSpace()).isZero();
    for (String setting : List.of("NEXUS_PAYLOAD_DIR", "NEXUS_SNAPSHOT_DIR")) {
      Settings settings =
          Settings.of(Map.of("NEXUS_DATA_DIR", roomy.toString(), setting, NO_ROOM.toString()));
      // When
      Measured measured = DiskUsage.of(DiskUsage.directories(settings));
      // Then
      assertThat(measured.free()).as(setting).isZero();
      assertThat(measured.place()).isEqualTo(NO_ROOM.toString());
    }
  }

  @Test
  void shouldTellOfTheDiskOnWhichADirectoryWillBe() throws Exception {
    // When
    Measured measured = DiskUsage.of(List.of(roomy.resolve("not/there/yet")));
    // Then
    assertThat(measured.place()).isEqualTo(roomy.toString());
    assertThat(measured.free()).isPositive();
    assertThat(measured.log()).isEmpty();
  }
}
