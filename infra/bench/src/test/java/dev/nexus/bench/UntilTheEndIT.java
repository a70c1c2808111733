package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.ShortJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A benchmark that is told to end while its platform runs.
class UntilTheEndIT {
  private static final String STARTED = "started ";

  @TempDir Path directory;

  @Test
  @Timeout(600)
  void shouldLeaveNothingBehindWhenItIsToldToEnd() throws Exception {
    // Given
    List<String> options = List.of("-Xmx768m", "-Djava.io.tmpdir=" + directory);
    Process process =
        new ProcessBuilder(ShortJvm.command(options, Measuring.class))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // Of a process that has ended nobody knows what it had begun.
    List<ProcessHandle> begun = new ArrayList<>();
    try (Stream<String> lines = process.inputReader().lines()) {
      String started = lines.filter(line -> line.startsWith(STARTED)).findFirst().orElseThrow();
      ProcessHandle platform =
          ProcessHandle.of(Long.parseLong(started.substring(STARTED.length()))).orElseThrow();
      begun.add(platform);
      assertThat(kept()).hasSize(1);
      ProcessHandle redis =
          StandaloneSite.redisOf(kept().getFirst()).flatMap(ProcessHandle::of).orElseThrow();
      begun.add(redis);

      // When
      process.destroy();

      // Then
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(platform.isAlive()).isFalse();
      Eventually.holds(() -> assertThat(redis.isAlive()).isFalse());
      assertThat(kept()).isEmpty();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      begun.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /// Data directories of platforms.
  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().startsWith("nexus-bench")).toList();
    }
  }

  /// Has started a platform, and measures for ever.
  static final class Measuring {
    private Measuring() {}

    public static void main(String[] arguments) throws Exception {
      var site = new StandaloneSite();
      try (var _ = new UntilTheEnd(site, System.err::println)) {
        site.start();
        long platform = ProcessHandle.current().children().findFirst().orElseThrow().pid();
        System.out.println(STARTED + platform);
        new CountDownLatch(1).await();
      }
    }
  }
}
