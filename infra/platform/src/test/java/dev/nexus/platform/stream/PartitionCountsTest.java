package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.nexus.platform.service.CannotGoOnException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PartitionCountsTest {
  private final PartitionCounts counts = new PartitionCounts(List.of("asked", "done"));
  private final Brokers brokers = new Brokers();

  /// Brokers that answer or do not.
  private static final class Brokers extends MockConsumer<String, byte[]> {
    private Duration waited = Duration.ZERO;
    private RuntimeException failure = new TimeoutException("of a test");
    private boolean answers = true;

    Brokers() {
      super("earliest");
      have("asked", 2);
      have("done", 2);
    }

    void have(String topic, int count) {
      Node[] nobody = {};
      updatePartitions(
          topic,
          IntStream.range(0, count)
              .mapToObj(i -> new PartitionInfo(topic, i, Node.noNode(), nobody, nobody))
              .toList());
    }

    @Override
    public synchronized List<PartitionInfo> partitionsFor(String topic, Duration within) {
      waited = within;
      if (!answers) {
        throw failure;
      }
      return super.partitionsFor(topic, within);
    }
  }

  @Test
  void shouldTakeTopicsForUnchangedWhileTheBrokersDoNotAnswer() {
    // Given
    counts.require(brokers);

    // When
    brokers.answers = false;

    // Then nothing is begun anew for it, and nobody waits for long
    assertThatCode(() -> counts.require(brokers)).doesNotThrowAnyException();
    assertThat(counts.byNumber(List.of(partition("asked"), partition("done")), brokers))
        .containsOnlyKeys(1);
    assertThat(brokers.waited).isLessThan(Duration.ofSeconds(1));

    // When
    brokers.answers = true;
    brokers.have("asked", 3);

    // Then
    assertThatThrownBy(() -> counts.require(brokers))
        .isInstanceOf(CannotGoOnException.class)
        .hasMessageContaining("topic asked has 3 partitions, and had 2");
  }

  @Test
  void shouldNotBeginBeforeTheBrokersHaveAnswered() {
    // Given
    brokers.answers = false;

    // Then
    assertThatThrownBy(() -> counts.require(brokers)).isInstanceOf(TimeoutException.class);
  }

  @Test
  void shouldLetTheReaderBeWoken() {
    // Given
    counts.require(brokers);

    // When
    brokers.answers = false;
    brokers.failure = new WakeupException();

    // Then
    assertThatThrownBy(() -> counts.require(brokers)).isInstanceOf(WakeupException.class);
  }

  /// It does not pass by itself, but changes nothing either.
  @Test
  void shouldGoOnWithBrokersThatRefuseToAnswerAndSaySoOnce() {
    // Given
    Logger logger = (Logger) LoggerFactory.getLogger("of partition counts");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    logger.setAdditive(false);
    lines.start();
    logger.addAppender(lines);
    var told = new PartitionCounts(List.of("asked", "done"), logger);
    told.require(brokers);

    // When
    brokers.answers = false;
    brokers.failure = new TopicAuthorizationException("of a test");
    told.require(brokers);
    told.require(brokers);

    // Then
    assertThat(lines.list)
        .singleElement()
        .satisfies(line -> assertThat(line.getLevel()).isEqualTo(Level.WARN));
  }

  private static TopicPartition partition(String topic) {
    return new TopicPartition(topic, 1);
  }
}
