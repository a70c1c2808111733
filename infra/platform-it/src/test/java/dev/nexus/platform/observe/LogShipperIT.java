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
import dev.nexus.testkit.ShortJvm;
import dev.nexus.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Log lines on a real log, and without one.
class LogShipperIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  private static final Logger LOG = LoggerFactory.getLogger(LogShipperIT.class);
  private static final int MANY = 40_000;
  private static final int LONELY = 2_000;

  private static final String FIRST = "the first line";

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
      awaitFirstLine("shipper-1");
      long lost = shipper.dropped();

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
      assertThat(shipper.dropped()).isEqualTo(lost);
    }
  }

  @Test
  void shouldHoldNobodyUpAndDropWhatIsTooMuchWhenTheBrokerIsAway() {
    // Given
    var nowhere = new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), "");
    try (LogShipper shipper = started(nowhere, "shipper-2")) {
      // When: who is held up by lines that nobody takes does not come to the last one
      for (int i = 0; i < MANY; i++) {
        LOG.atWarn().log("line {}", i);
      }

      // Then
      assertThat(shipper.dropped()).isGreaterThanOrEqualTo(MANY - 21_000);
      assertThat(shipper.healthy()).isTrue();
    }
  }

  @Test
  void shouldSayHowManyLinesItDropped() {
    // Given
    try (LogShipper shipper = started(BROKER.clients(), "shipper-3")) {
      // When: more than are sent meanwhile, however slowly they are logged
      for (int i = 0; i < MANY || shipper.dropped() == 0; i++) {
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

  /// A value that logs when it is written as text, which is done where lines are sent.
  private static final class Talkative {
    private final AtomicInteger written = new AtomicInteger();

    @Override
    public String toString() {
      LOG.atWarn().addKeyValue("value", this).log("written {}", written.incrementAndGet());
      return "talkative";
    }
  }

  @Test
  void shouldShipNothingThatIsLoggedWhileItShips() {
    // Given a line whose sending is logged, by a line whose sending would be logged as well
    Talkative value = new Talkative();
    try (LogShipper shipper = started(BROKER.clients(), "shipper-4")) {
      awaitFirstLine("shipper-4");
      long lost = shipper.dropped();

      // When
      LOG.atWarn().addKeyValue("value", value).log("talk");
      Eventually.holds(() -> assertThat(messages("shipper-4")).contains("talk"));
      LOG.atWarn().log("the end");

      // Then
      Eventually.holds(() -> assertThat(messages("shipper-4")).contains("the end"));
      assertThat(messages("shipper-4")).containsExactly("talk", "the end");
      assertThat(value.written).as("it was written, on the sender's thread").hasValue(1);
      assertThat(shipper.dropped()).isEqualTo(lost);
    }
  }

  /// A process without a broker, logging as `./nexus up` does.
  public static final class Lonely {
    private Lonely() {}

    public static void main(String[] arguments) {
      Logs.toFile(Path.of(arguments[0]));
      var nowhere = new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), "");
      try (LogShipper shipper = started(nowhere, "lonely")) {
        for (int i = 1; i <= LONELY; i++) {
          LOG.atInfo().addKeyValue("healthy", shipper.healthy()).log("lonely line {} of it", i);
        }
      }
    }
  }

  @Test
  void shouldHaveEveryLineInTheLocalFileWhenTheBrokerIsAway(@TempDir Path directory)
      throws Exception {
    // When
    List<String> command = ShortJvm.command("256m", Lonely.class);
    command.add(directory.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();

    // Then
    List<String> lines = Files.readAllLines(directory.resolve("nexus.log"));
    assertThat(lines.stream().filter(line -> line.contains(" lonely line "))).hasSize(LONELY);
    assertThat(lines).anyMatch(line -> line.contains("lonely line " + LONELY + " of it"));
    assertThat(lines).anyMatch(line -> line.contains("NetworkClient"));
  }

  /// From then on a shipper knows the broker.
  private static void awaitFirstLine(String instance) {
    LOG.atWarn().log(FIRST);
    Eventually.holds(() -> assertThat(shipped(instance)).contains(FIRST));
  }

  private static List<String> messages(String instance) {
    return shipped(instance).stream().filter(message -> !message.equals(FIRST)).toList();
  }

  private static List<String> shipped(String instance) {
    return BROKER.read(Topic.LOGS, LogEvent.class).stream()
        .map(Event::body)
        .filter(body -> body instanceof LineLogged line && line.instance().equals(instance))
        .map(body -> ((LineLogged) body).message())
        .toList();
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
