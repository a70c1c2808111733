package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.deadletter.DeadLetter;
import dev.nexus.command.deadletter.DeadLetterArchive;
import dev.nexus.command.deadletter.Replays;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Records as large as the brokers take them, of a producer that was told to write such: what is
/// said about one must not be larger than what the log takes, or it would stop its partition.
class HugeRecordIT {
  private static final Pattern TOO_LARGE =
      Pattern.compile(
          "an event of at most 4128768 bytes expected, as it is let in; found (\\d+): send a link");

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private IngressStage stage;

  @BeforeEach
  void begin() {
    stage = new IngressStage(BROKER, data);
  }

  @AfterEach
  void end() {
    stage.close();
  }

  private static void send(String key, Map<String, String> headers, String value) throws Exception {
    send(key, headers, value, "none");
  }

  private static void send(
      String key, Map<String, String> headers, String value, String compression) throws Exception {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            BROKER.bootstrapServers(),
            "max.request.size",
            2 * KafkaClients.LARGEST_CONSEQUENCE,
            "buffer.memory",
            64 << 20,
            "compression.type",
            compression);
    try (var producer =
        new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
      var record =
          new ProducerRecord<>(
              BROKER.clients().name(Topic.INGRESS), 0, key, value.getBytes(StandardCharsets.UTF_8));
      headers.forEach(
          (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
      producer.send(record).get();
    }
  }

  private static String large(int bytes) {
    return "x".repeat(bytes);
  }

  /// Bytes that a reason says an event has as it is let in.
  private static long sizeFound(String reason) {
    Matcher said = TOO_LARGE.matcher(reason);
    assertThat(said.matches()).as(reason).isTrue();
    return Long.parseLong(said.group(1));
  }

  /// Headers of an event in binary form.
  private static Map<String, String> event(String id) {
    return new TreeMap<>(
        Map.of(
            "ce_specversion", "1.0",
            "ce_source", "urn:shop",
            "ce_id", id,
            "ce_type", "com.example.ordered",
            "content-type", "application/json"));
  }

  @Test
  void shouldLetInWhatIsLargeWhenItsSourceIsKnownAndItIsReplayed() throws Exception {
    // Given
    Map<String, String> stone = event("late-stone");
    stone.put("ce_source", "urn:late");
    Map<String, String> pebble = event("late-pebble");
    pebble.put("ce_source", "urn:late");
    try (var reader = stage.reader(BROKER.clients());
        var producer = new EventProducer(BROKER.clients(), "test");
        var archive = new DeadLetterArchive(BROKER.clients());
        var replays = new Replays(BROKER.clients(), producer, Clock.systemUTC())) {
      reader.start();
      send("late-stone", stone, "{\"text\": \"" + large(5 << 20) + "\"}");
      send("late-pebble", pebble, "{}");
      Eventually.holds(() -> assertThat(stage.putAside("late-pebble")).isTrue());
      stage.register(Definitions.integration("orders", "late", "urn:late"));

      // When
      for (DeadLetter letter : archive.newest(Long.MAX_VALUE, 10, _ -> true).letters().reversed()) {
        var content = archive.content(letter).orElseThrow();
        assertThat(replays.refusal(letter)).isEmpty();
        assertThat(replays.replay(letter, content, "key:test")).isTrue();
      }

      // Then
      Eventually.holds(
          () ->
              assertThat(stage.letIn("late-"))
                  .containsExactlyInAnyOrder("late-stone", "late-pebble"));
    }
  }

  @Test
  void shouldPutAsideWhatIsHugeAndReadOn() throws Exception {
    // Given
    Map<String, String> unknown = event("unknown-source");
    unknown.put("ce_source", "urn:" + large(5 << 20));
    Map<String, String> about = event("long-subject");
    about.put("ce_subject", large(5 << 20));
    try (var reader = stage.reader(BROKER.clients())) {
      reader.start();

      // When
      send("unknown-source", unknown, "{}");
      send("huge-headers", Map.of("one", large(3 << 20), "two", large(3 << 20)), "no event");
      send("huge-value", Map.of(), large(8 << 20));
      send("long-subject", about, "{}");
      send("k".repeat(4 << 20), Map.of(), "no event");
      String packed = "{\"text\": \"" + large(12 << 20) + "\"}";
      send("huge-packed", event("huge-packed"), packed, "gzip");
      send("behind", event("huge-behind"), "{}");

      // Then
      Eventually.holds(() -> assertThat(stage.letIn("huge-")).containsExactly("huge-behind"));
      for (String aside :
          new String[] {
            "unknown-source",
            "huge-headers",
            "huge-value",
            "long-subject",
            "k".repeat(1 << 20),
            "huge-packed"
          }) {
        Eventually.holds(
            () -> assertThat(stage.putAside(aside)).as(aside.substring(0, 6)).isTrue());
      }
      Eventually.holds(() -> assertThat(reader.healthy()).isTrue());
      assertThat(stage.reasons("long-subject"))
          .isNotEmpty()
          .allSatisfy(
              reason -> assertThat(sizeFound(reason)).isBetween(5L << 20, (5L << 20) + 2_000));
    }
  }
}
