package dev.nexus.platform.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
  @TempDir Path data;

  @Test
  void shouldBeTheSameForAllOfADirectory() {
    // When
    String signed = SigningKey.in(data).sign("a text");

    // Then
    assertThat(SigningKey.in(data).verify(signed)).contains("a text");
    assertThat(new SigningKey(new byte[32]).verify(signed)).isEmpty();
  }

  @Test
  void shouldNotTakeWhatWasSignedForAnotherPurpose() {
    // Given
    SigningKey key = SigningKey.in(data);

    // When
    String signed = key.of("one").sign("a text");

    // Then
    assertThat(key.of("one").verify(signed)).contains("a text");
    assertThat(key.of("another").verify(signed)).isEmpty();
    assertThat(key.verify(signed)).isEmpty();
  }

  @Test
  void shouldBeKeptForItsOwnerOnly() throws Exception {
    // When
    SigningKey.in(data);

    // Then
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("token.key"))))
        .isEqualTo("rw-------");
    assertThat(Files.readString(data.resolve("token.key")).strip()).hasSize(44);
    try (var files = Files.list(data)) {
      assertThat(files).hasSize(1);
    }
  }
}
