package dev.nexus.platform.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.log.LogEvent;
import dev.nexus.event.log.LogEvent.LineLogged;
import dev.nexus.event.log.LogEvent.LinesDropped;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Log lines on a real log, and without one.
class LogShipperIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  private static final Logger LOG = LoggerFactory.getLogger(LogShipperIT.class);
  private static final int MANY = 40_000;

  /// Tens of thousands of lines are not for the console.
  @BeforeAll
  static void silence() {
    ours().setAdditive(false);
  }

  @AfterAll
  static void restore() {
    ours().setAdditive(true);
  }

  private static ch.qos.logback.classic.Logger ours() {
    return (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("dev.nexus");
  }

  @Test
  void shouldCopyLinesWithTheirDetailsAndTheExecutionTheyAreAbout() {
    // Given
    UUID execution = UUID.randomUUID();
    try (LogShipper shipper = started(BROKER.clients(), "shipper-1")) {
      // When
      LOG.atWarn()
          .setCause(new IllegalStateException("no room"))
          .addKeyValue("execution", execution)
          .addKeyValue("attempt", 2)
          .log("task {} lost", 7);

      // Then
      Event<LogEvent> line =
          Eventually.value(() -> lines(), found -> !found.isEmpty(), "the line").getFirst();
      assertThat(line.envelope().executionId()).isEqualTo(execution.toString());
      LineLogged logged = (LineLogged) line.body();
      assertThat(logged.level()).isEqualTo("WARN");
      assertThat(logged.logger()).isEqualTo(LogShipperIT.class.getName());
      assertThat(logged.instance()).isEqualTo("shipper-1");
      assertThat(logged.message()).isEqualTo("task 7 lost");
      assertThat(logged.details().text()).contains("\"attempt\":\"2\"");
      assertThat(logged.stackTrace()).startsWith("java.lang.IllegalStateException: no room");
      assertThat(shipper.dropped()).isZero();
    }
  }

  @Test
  void shouldHoldNobodyUpAndDropWhatIsTooMuchWhenTheBrokerIsAway() {
    // Given
    var nowhere = new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), "");
    try (LogShipper shipper = started(nowhere, "shipper-2")) {
      // When
      long begun = System.nanoTime();
      for (int i = 0; i < MANY; i++) {
        LOG.atWarn().log("line {}", i);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begun);

      // Then
      assertThat(took).isLessThan(Duration.ofSeconds(20));
      assertThat(shipper.dropped()).isGreaterThanOrEqualTo(MANY - 21_000);
      assertThat(shipper.healthy()).isTrue();
    }
  }

  @Test
  void shouldSayHowManyLinesItDropped() {
    // Given
    try (LogShipper shipper = started(BROKER.clients(), "shipper-3")) {
      // When
      for (int i = 0; i < MANY; i++) {
        LOG.atWarn().log("line {}", i);
      }

      // Then
      Eventually.holds(
          () ->
              assertThat(BROKER.read(Topic.LOGS, LogEvent.class))
                  .anyMatch(
                      e ->
                          e.body() instanceof LinesDropped(var at, long lines)
                              && at.equals("shipper-3")
                              && lines > 0));
      assertThat(shipper.healthy()).isTrue();
    }
  }

  private static LogShipper started(KafkaClients clients, String instance) {
    var shipper = new LogShipper(clients, new InstanceId(instance), new EdgeIds(Clock.systemUTC()));
    shipper.start();
    return shipper;
  }

  private static List<Event<LogEvent>> lines() {
    return BROKER.read(Topic.LOGS, LogEvent.class).stream()
        .filter(e -> e.body() instanceof LineLogged line && line.message().startsWith("task"))
        .toList();
  }
}
