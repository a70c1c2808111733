package dev.nexus.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretChecksTest {
  @TempDir Path directory;

  private Path data;
  private Path secrets;

  @BeforeEach
  void openDirectories() throws IOException {
    data = directory.resolve("data");
    secrets = Files.createDirectories(data.resolve("secrets"));
    allow(data, "rwxr-xr-x");
    allow(secrets, "rwxr-xr-x");
  }

  @Test
  void shouldWarnOfSecretsThatOthersMayRead() throws IOException {
    // Given
    secret("bank", "rw-r--r--");
    secret("crew", "rw-r-----");
    secret("shop", "rw-------");

    // When
    List<Finding> found = SecretChecks.run(settings(Map.of()));

    // Then
    assertThat(found)
        .extracting(Finding::line)
        .containsExactly(
            "warn  secrets: other users of this machine may read in "
                + secrets
                + ": bank, crew -> chmod -R go= "
                + secrets);
  }

  @Test
  void shouldBeAmongWhatDoctorFinds() throws Exception {
    // Given
    secret("bank", "rw-r--r--");

    // Then
    assertThat(Findings.of(settings(Map.of()), Optional.empty(), ""))
        .extracting(Finding::check)
        .contains("secrets");
  }

  @Test
  void shouldNotWarnOfWhatNobodyElseReaches() throws IOException {
    // Given
    secret("bank", "rw-r--r--");
    String shared = directory.resolve("shared").toString();

    // Then
    assertThat(SecretChecks.run(settings(Map.of("NEXUS_SHARED_DIR", shared)))).isEmpty();
    allow(secrets, "rwx------");
    assertThat(SecretChecks.run(settings(Map.of()))).isEmpty();
    allow(secrets, "rwxr-xr-x");
    allow(data, "rwx------");
    assertThat(SecretChecks.run(settings(Map.of()))).isEmpty();
  }

  @Test
  void shouldHaveNothingToSayWhereThereAreNoSecrets() throws IOException {
    // Given
    Files.delete(secrets);
    // Then
    assertThat(SecretChecks.run(settings(Map.of()))).isEmpty();
  }

  private void secret(String name, String permissions) throws IOException {
    allow(Files.writeString(secrets.resolve(name), "secret"), permissions);
  }

  private static void allow(Path file, String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private Settings settings(Map<String, String> more) {
    Map<String, String> all = new java.util.HashMap<>(more);
    all.put("NEXUS_DATA_DIR", data.toString());
    return Settings.of(all);
  }
}
