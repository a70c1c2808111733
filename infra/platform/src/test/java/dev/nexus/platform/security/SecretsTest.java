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
    var secrets = new Secrets(Map.of("NEXUS_SECRET_GITHUB", "from-env"), directory);

    // Then
    assertThat(secrets.resolve("env:NEXUS_SECRET_GITHUB")).isEqualTo("from-env");
    assertThat(secrets.resolve("file:github")).isEqualTo("from-file");
    assertThat(secrets.resolve("github")).isEqualTo("from-file");
  }

  @Test
  void shouldSayWhatToProvideWhenASecretIsMissing() {
    var secrets = new Secrets(Map.of(), directory);

    assertThatThrownBy(() -> secrets.resolve("env:NEXUS_SECRET_GITHUB"))
        .hasMessageContaining("export NEXUS_SECRET_GITHUB");
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
    var secrets = new Secrets(Map.of("NEXUS_SECRET_GITHUB", ""), directory);

    assertThatThrownBy(() -> secrets.resolve("file:github")).hasMessageContaining("is empty");
    assertThatThrownBy(() -> secrets.resolve("github")).hasMessageContaining("is empty");
    assertThatThrownBy(() -> secrets.resolve("env:NEXUS_SECRET_GITHUB"))
        .hasMessageContaining("not set");
  }

  @Test
  void shouldFindANamedSecretInTheEnvironment() {
    var secrets = new Secrets(Map.of("NEXUS_SECRET_GIT_HUB", "s"), directory);

    assertThat(secrets.resolve("git-hub")).isEqualTo("s");
  }

  /// Whether such a variable is there must not show either.
  @Test
  void shouldReadNoVariableThatIsNoSecret() {
    // Given
    var secrets = new Secrets(Map.of("NEXUS_REDIS_URL", "redis://:p@host"), directory);

    // Then
    for (String name : new String[] {"NEXUS_REDIS_URL", "nexus_redis_url"}) {
      assertThat(Secrets.isReference("env:" + name)).isFalse();
      assertThatThrownBy(() -> secrets.resolve("env:" + name))
          .hasMessageEndingWith(
              "or file:NAME or env:NEXUS_SECRET_NAME, found 'env:"
                  + name
                  + "'; did you mean env:NEXUS_SECRET_NEXUS_REDIS_URL?");
    }
    assertThat(Secrets.isReference("env:NEXUS_SECRET_SHOP")).isTrue();
    assertThat(Secrets.nearest("env:NEXUS_SECRET_SHOP")).isEmpty();
  }

  @Test
  void shouldNotLeaveItsDirectory() {
    for (String reference :
        new String[] {"file:../key", "file:/etc/passwd", "file:..", "../key", ""}) {
      assertThat(Secrets.isReference(reference)).describedAs(reference).isFalse();
    }
  }
}
