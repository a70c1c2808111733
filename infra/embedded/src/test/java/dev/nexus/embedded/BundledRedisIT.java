package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledRedisIT {
  @TempDir Path directory;

  @Test
  void shouldUnpackAServerThatRunsHere() throws Exception {
    // When
    String executable = BundledRedis.executable(directory);
    // Then
    Process process = new ProcessBuilder(executable, "--version").start();
    String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(version).contains("v=6.2");
  }
}
