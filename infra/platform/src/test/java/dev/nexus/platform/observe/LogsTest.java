package dev.nexus.platform.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  private List<Appender<ILoggingEvent>> consoles() {
    List<Appender<ILoggingEvent>> found = new ArrayList<>();
    for (String name : List.of(Logger.ROOT_LOGGER_NAME, "dev.nexus")) {
      context.getLogger(name).iteratorForAppenders().forEachRemaining(found::add);
    }
    found.removeIf(appender -> !(appender instanceof ConsoleAppender<?>));
    return found;
  }
}
