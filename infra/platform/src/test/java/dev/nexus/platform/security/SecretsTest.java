package dev.nexus.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
  @TempDir Path directory;

  @Test
  void shouldReadVariablesAndFiles() throws Exception {
    // Given
    Files.writeString(directory.resolve("github"), "from-file\n");
    var secrets = new Secrets(Map.of("GITHUB", "from-env"), directory);

    // Then
    assertThat(secrets.resolve("env:GITHUB")).isEqualTo("from-env");
    assertThat(secrets.resolve("file:github")).isEqualTo("from-file");
    assertThat(secrets.resolve("github")).isEqualTo("from-file");
  }

  @Test
  void shouldSayWhatToProvideWhenASecretIsMissing() {
    var secrets = new Secrets(Map.of(), directory);

    assertThatThrownBy(() -> secrets.resolve("env:GITHUB")).hasMessageContaining("export GITHUB");
    assertThatThrownBy(() -> secrets.resolve("file:github")).hasMessageContaining("is missing");
    assertThatThrownBy(() -> secrets.resolve("git-hub"))
        .hasMessageContaining("export NEXUS_SECRET_GIT_HUB");
  }

  @Test
  void shouldSayWhetherASecretIsMissing() throws Exception {
    Files.writeString(directory.resolve("github"), "s");
    var secrets = new Secrets(Map.of(), directory);

    assertThat(secrets.missing("github")).isEmpty();
    assertThat(secrets.missing("gitub"))
        .hasValue(
            "secret gitub is missing: write it to the secrets directory or export"
                + " NEXUS_SECRET_GITUB");
  }

  @Test
  void shouldRefuseAnEmptySecret() throws Exception {
    Files.writeString(directory.resolve("github"), " \n");
    var secrets = new Secrets(Map.of("GITHUB", ""), directory);

    assertThatThrownBy(() -> secrets.resolve("file:github")).hasMessageContaining("is empty");
    assertThatThrownBy(() -> secrets.resolve("github")).hasMessageContaining("is empty");
    assertThatThrownBy(() -> secrets.resolve("env:GITHUB")).hasMessageContaining("not set");
  }

  @Test
  void shouldFindANamedSecretInTheEnvironment() {
    var secrets = new Secrets(Map.of("NEXUS_SECRET_GIT_HUB", "s"), directory);

    assertThat(secrets.resolve("git-hub")).isEqualTo("s");
  }

  @Test
  void shouldNotLeaveItsDirectory() {
    for (String reference :
        new String[] {"file:../key", "file:/etc/passwd", "file:..", "../key", ""}) {
      assertThat(Secrets.isReference(reference)).describedAs(reference).isFalse();
    }
  }
}
