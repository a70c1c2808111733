package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.nexus.platform.service.CannotGoOnException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FailureLogTest {
  private static final CannotGoOnException REFUSAL = new CannotGoOnException("broken", "mend it");

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("of a failure log");
  private final FailureLog log = new FailureLog(logger);

  @BeforeEach
  void begin() {
    logger.setAdditive(false);
    logger.detachAndStopAllAppenders();
    lines.start();
    logger.addAppender(lines);
  }

  @Test
  void shouldSayOnceWhatOnlyAPersonCanMend() {
    // When
    for (int i = 0; i < 100; i++) {
      log.tell(REFUSAL, "tried again", "group", 1);
    }

    // Then
    assertThat(said()).containsExactly("nothing is done until this is mended");
    assertThat(lines.list.getFirst().getThrowableProxy()).as("a stack trace").isNull();
  }

  @Test
  void shouldSayAnotherRefusalAtOnce() {
    // When
    log.tell(REFUSAL, "tried again", "group", 1);
    log.tell(new CannotGoOnException("broken otherwise", "mend it"), "tried again", "group", 1);

    // Then
    assertThat(said()).hasSize(2);
  }

  @Test
  void shouldSayEveryFailureThatMayPassByItself() {
    // When
    log.tell(new IllegalStateException("first"), "tried again", "group", 1);
    log.tell(new IllegalStateException("first"), "tried again", "group", 1);

    // Then
    assertThat(said()).containsExactly("tried again", "tried again");
    assertThat(lines.list).allSatisfy(line -> assertThat(line.getThrowableProxy()).isNotNull());
  }

  @Test
  void shouldSayWhereWhatNobodyForesawComesFrom() {
    // When
    log.warn(new IOException("HTTP 503"), "it is tried again");
    log.warn(new IllegalStateException(), "it is tried again");

    // Then
    assertThat(lines.list.getFirst().getThrowableProxy()).isNull();
    assertThat(lines.list.getLast().getThrowableProxy()).isNotNull();
    assertThat(lines.list.getLast().getKeyValuePairs().getFirst().value)
        .isEqualTo("java.lang.IllegalStateException");
  }

  private List<String> said() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
