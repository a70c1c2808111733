package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.log.LogEvent;
import dev.nexus.event.log.LogEvent.LineLogged;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.standalone.Nexus;
import dev.nexus.standalone.export.ExportFormat;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.ShortJvm;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `events export` of a topic that is larger than the memory of the process that exports it.
class ExportIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  private static final EventCodec<LogEvent> CODEC = EventCodec.of(Topic.LOGS, LogEvent.class);

  /// Together 192 MiB, which do not become much less when they are compressed.
  private static final int ROWS = 12_288;

  private static final int ROW_BYTES = 16 << 10;

  /// Less than the rows, and less than the 128 MiB of a row group that Parquet has by default.
  private static final List<String> SMALL =
      List.of(
          "-Xmx128m",
          // What logback has to say of its configuration must not be on stdout.
          "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener");

  private static final int MINUTES = 10;

  /// Of the producer, which is ahead of a broker that is slow.
  private static final Map<String, String> PATIENT_AND_LARGE =
      Map.of("batch.size", "524288", "max.block.ms", "120000");

  @TempDir Path directory;

  @BeforeAll
  static void fill() {
    Random random = new Random(4);
    byte[] bytes = new byte[ROW_BYTES / 4 * 3];
    List<CompletableFuture<Void>> written = new ArrayList<>();
    try (var producer = new EventProducer(BROKER.clients(PATIENT_AND_LARGE), "export-test")) {
      for (int i = 0; i < ROWS; i++) {
        random.nextBytes(bytes);
        written.add(
            producer.send(CODEC, "k" + i, line(i, Base64.getEncoder().encodeToString(bytes))));
      }
      CompletableFuture.allOf(written.toArray(CompletableFuture<?>[]::new)).join();
    }
  }

  private static Event<LogEvent> line(int number, String message) {
    var envelope =
        Envelope.of(new UUID(4, number), Instant.EPOCH, TenantId.DEFAULT, "", "service:test");
    return new Event<>(
        envelope, new LineLogged("INFO", "test", "test", "main", message, new Json("{}"), ""));
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void shouldHoldNoMoreThanAPartOfTheTopic(ExportFormat format) throws Exception {
    // Given
    Settings settings = BROKER.settings(Map.of());
    Path file = directory.resolve("logs." + format.extension());
    Path out = directory.resolve("stdout.txt");
    Path err = directory.resolve("stderr.txt");
    List<String> command = ShortJvm.command(SMALL, Nexus.class);
    command.addAll(List.of("events", "export", "logs", "--format", format.extension()));
    command.addAll(List.of("-o", file.toString(), "--json"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    for (Setting setting : List.of(Setting.KAFKA_BOOTSTRAP_SERVERS, Setting.KAFKA_TOPIC_PREFIX)) {
      builder.environment().put(setting.variable(), settings.text(setting));
    }
    builder.environment().put(Setting.DATA_DIR.variable(), directory.resolve("data").toString());

    // When
    Process process = builder.start();
    boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    process.destroyForcibly();

    // Then
    assertThat(ended).as(Files.readString(err)).isTrue();
    assertThat(process.waitFor()).as(Files.readString(err)).isZero();
    JsonNode said = CanonicalJson.read(Files.readString(out));
    assertThat(said.path("rows").asInt()).isEqualTo(ROWS);
    assertThat(said.path("unreadable").asInt()).isZero();
    assertThat(Files.size(file))
        .isEqualTo(said.path("bytes").asLong())
        .isGreaterThan((long) ROWS * ROW_BYTES / 2);
  }
}
