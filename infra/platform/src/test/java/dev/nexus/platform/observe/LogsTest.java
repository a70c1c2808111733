package dev.nexus.platform.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

class LogsTest {
  @TempDir Path directory;

  /// One of its own: that of this process belongs to all tests.
  private final LoggerContext context = new LoggerContext();

  @BeforeEach
  void begin() {
    context.setMDCAdapter(new LogbackMDCAdapter());
  }

  @AfterEach
  void endIt() {
    context.stop();
  }

  @Test
  void shouldKeepWarningsOffTheConsoleWhereAPersonReadsIt() {
    // When
    Logs.toFile(context, directory);
    context.getLogger("dev.nexus.any").warn("a warning for the log");

    // Then
    assertThat(consoles()).isEmpty();
    assertThat(directory.resolve("nexus.log"))
        .as(() -> context.getStatusManager().getCopyOfStatusList().toString())
        .content()
        .contains("WARN", "a warning for the log");

    // When
    Logs.alsoToConsole(context);

    // Then
    assertThat(consoles()).hasSize(1);
  }

  @Test
  void shouldKeepTheNewestThreeFilesOfABoundedSizeHoweverMuchIsLoggedAtOnce() throws Exception {
    // Given
    Logs.toFile(context, directory);
    var log = context.getLogger("dev.nexus.any");
    String text = "x".repeat(1 << 16);
    long linesOfAFile = Logs.LARGEST / text.length();

    // When
    for (long line = 0; line < 5 * linesOfAFile; line++) {
      log.info("line {} {}", line, text);
    }
    log.info("the last line");

    // Then each ends with the line that made it full
    Map<String, Long> sizes = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        sizes.put(file.getFileName().toString(), Files.size(file));
      }
    }
    assertThat(sizes)
        .as(() -> context.getStatusManager().getCopyOfStatusList().toString())
        .containsOnlyKeys("nexus.log", "nexus.log.1", "nexus.log.2");
    assertThat(sizes.values()).allMatch(size -> size < Logs.LARGEST + 2L * text.length());
    assertThat(sizes.get("nexus.log.1")).isGreaterThanOrEqualTo(Logs.LARGEST);
    assertThat(sizes.get("nexus.log.2")).isGreaterThanOrEqualTo(Logs.LARGEST);
    assertThat(Files.readString(directory.resolve("nexus.log"))).contains("the last line");
  }

  private List<Appender<ILoggingEvent>> consoles() {
    List<Appender<ILoggingEvent>> found = new ArrayList<>();
    for (String name : List.of(Logger.ROOT_LOGGER_NAME, "dev.nexus")) {
      context.getLogger(name).iteratorForAppenders().forEachRemaining(found::add);
    }
    found.removeIf(appender -> !(appender instanceof ConsoleAppender<?>));
    return found;
  }
}
