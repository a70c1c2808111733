package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.ChildProcess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Some kilobytes on the log that are more than a heap unpacked: the JVM itself says that there is
/// no memory, in whatever line it is then. As `DoubtsIT`, which throws the Error itself.
class ExhaustedHeapIT {
  /// How a JVM ends by `-XX:+ExitOnOutOfMemoryError`.
  private static final int OUT_OF_MEMORY = 3;

  private static final String ERROR = "java.lang.OutOfMemoryError: Java heap space";
  private static final String HEAP = "-Xmx96m";
  private static final int UNPACKED = 200 << 20;

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private static FaultReport report;

  private IngressStage stage;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("ExhaustedHeapIT");
  }

  @BeforeEach
  void begin() {
    stage = new IngressStage(BROKER, data);
  }

  @AfterEach
  void end() {
    stage.close();
  }

  /// Writes the large record: whoever does has to have it in memory, unpacked. Arguments: bootstrap
  /// servers, topic.
  public static void main(String[] args) throws Exception {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            args[0],
            "max.request.size",
            Integer.MAX_VALUE,
            "buffer.memory",
            2L * UNPACKED,
            "compression.type",
            "zstd");
    try (var producer =
        new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(args[1], 0, "too-large", new byte[UNPACKED])).get();
    }
  }

  /// Between two events, and beside one on another partition.
  private void sendTooLarge() throws Exception {
    stage.send("heap-before");
    Process sender =
        ChildProcess.start(
            "1g",
            ExhaustedHeapIT.class,
            BROKER.bootstrapServers(),
            BROKER.clients().name(Topic.INGRESS));
    String said = sender.inputReader().lines().collect(Collectors.joining("\n"));
    assertThat(sender.waitFor()).as(said).isZero();
    stage.send("heap-behind");
    stage.send(1, "heap-beside", "{}");
  }

  private ChildReader reader(String... options) throws Exception {
    return ChildReader.start(List.of(options), BROKER.settings(Map.of()), data);
  }

  private void assertAllElseLetIn() {
    String[] good = {"heap-before", "heap-behind", "heap-beside"};
    Eventually.holds(
        () -> assertThat(stage.letIn("heap-")).as("each once").containsExactlyInAnyOrder(good));
    assertThat(stage.passedOver()).containsExactly(1L);
    assertThat(stage.putAside("too-large")).as("it was not read").isFalse();
  }

  /// @param met when it was first read, by `System.nanoTime`
  /// @param began when the reader began that passed it over
  private static void tell(String how, long met, long began) throws IOException {
    report.add(
        "record larger than the heap",
        Duration.ofNanos(began - met),
        how
            + ": all else is let in after "
            + FaultReport.seconds(Duration.ofNanos(System.nanoTime() - began)));
  }

  /// As the images do, and whatever starts their containers again.
  @Test
  void shouldPassOverTheRecordThatEndsEveryProcess() throws Exception {
    // Given
    sendTooLarge();

    // When
    long met = System.nanoTime();
    for (int attempt = 1; attempt <= Doubts.TOGETHER + Doubts.ALONE; attempt++) {
      try (var ending = reader(HEAP, "-XX:+ExitOnOutOfMemoryError")) {
        assertThat(ending.awaitEnd()).isEqualTo(OUT_OF_MEMORY);
        assertThat(ending.said()).contains(ERROR);
      }
      stage.forgetReaders();
    }

    // Then
    long began = System.nanoTime();
    try (var reader = reader(HEAP, "-XX:+ExitOnOutOfMemoryError")) {
      assertAllElseLetIn();
      tell("the process ends with it", met, began);
      stage.send("heap-later");
      Eventually.holds(() -> assertThat(stage.letIn("heap-later")).hasSize(1));
      assertThat(reader.runs()).isTrue();
    }
  }

  /// As `./nexus up` does.
  @Test
  void shouldPassOverTheRecordInOneProcessThatOutlivesTheError() throws Exception {
    // Given
    sendTooLarge();

    // When
    long met = System.nanoTime();
    try (var reader = reader(HEAP)) {
      // Then
      assertAllElseLetIn();
      tell("the process outlives it", met, met);
      assertThat(reader.runs()).isTrue();
      reader.kill();
      assertThat(reader.said()).contains(ERROR);
    }
  }
}
