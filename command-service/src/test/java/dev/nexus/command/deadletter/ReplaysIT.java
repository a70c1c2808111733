package dev.nexus.command.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordLookup;
import dev.nexus.platform.stream.RecordRefusedException;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Letters that no replay helps say so, and no other does; a record that its topic refuses is told
/// from a log that is silent.
class ReplaysIT {
  private static final int MIB = 1 << 20;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private EventProducer producer;
  private DeadLetters letters;
  private DeadLetterArchive archive;
  private Replays replays;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
    letters = new DeadLetters(producer, "test", Clock.systemUTC());
    archive = new DeadLetterArchive(broker.clients());
    replays = new Replays(broker.clients(), producer, Clock.systemUTC());
  }

  @AfterEach
  void end() {
    replays.close();
    archive.close();
    producer.close();
  }

  private static String topic() {
    return broker.clients().name(Topic.INGRESS);
  }

  private static ConsumerRecord<String, byte[]> record(long offset, String key) {
    return record(offset, key, utf8("{}"));
  }

  private static ConsumerRecord<String, byte[]> record(long offset, String key, byte[] value) {
    var record = new ConsumerRecord<>(topic(), 0, offset, key, value);
    record.headers().add("ce_specversion", utf8("1.0"));
    return record;
  }

  /// One that stands on its topic, packed, as it is read from there.
  private static ConsumerRecord<String, byte[]> placed(String key, int bytes) throws Exception {
    KafkaClients packing = broker.clients(Map.of("compression.type", "gzip"));
    try (var stranger = packing.wideProducer("stranger")) {
      var sent = new ProducerRecord<>(topic(), 0, key, new byte[bytes]);
      sent.headers().add("ce_specversion", utf8("1.0"));
      return record(stranger.send(sent).get().offset(), key, new byte[bytes]);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private DeadLetter letter(long offset) {
    return archive.find(new Origin(topic(), 0, offset)).orElseThrow();
  }

  private Optional<String> refusal(long offset) {
    return replays.refusal(letter(offset));
  }

  private boolean replay(long offset) {
    DeadLetter letter = letter(offset);
    return replays.replay(letter, archive.content(letter).orElseThrow(), "key:test");
  }

  @Test
  void shouldNotReplayWhatWasNotKeptWhole() {
    // Given
    ConsumerRecord<String, byte[]> headers = record(1, "headers");
    headers.headers().add("large", new byte[MIB]);

    // When
    letters.add(record(0, "whole"), "wrong");
    letters.add(headers, "wrong");
    letters.add(record(2, "k".repeat(MIB + 1)), "wrong");
    letters.sendUnread(new TopicPartition(topic(), 0), 3, "wrong").join();

    // Then
    assertThat(refusal(0)).isEmpty();
    assertThat(refusal(1).orElse("")).contains("headers were too large to be kept");
    assertThat(refusal(2).orElse("")).contains("key was too large to be kept");
    assertThat(refusal(3).orElse("")).contains("could not be read, so nothing of it was kept");
  }

  @Test
  void shouldNotReplayWhatIsLargerThanItsTopicTakesUnpacked() {
    // When: the one fits with its key and its header, the other only without
    letters.add(record(0, "fits", new byte[KafkaClients.LARGEST_CONSEQUENCE - 100]), "wrong");
    letters.add(record(1, "larger", new byte[KafkaClients.LARGEST_CONSEQUENCE - 10]), "wrong");

    // Then
    assertThat(refusal(0)).isEmpty();
    assertThat(refusal(1).orElse(""))
        .contains("bytes unpacked, with key and headers", topic() + " takes 9437184", "or a link");
  }

  @Test
  void shouldReplayALargeRecordAndGoOnBehindOneThatItsTopicRefuses() throws Exception {
    // Given: the first has room for itself, and none for what frames a record and marks a replay
    letters.add(placed("brim", KafkaClients.LARGEST_CONSEQUENCE - 60), "wrong");
    letters.add(placed("large", 5 * MIB), "wrong");
    letters.add(placed("small", 10), "wrong");

    // Then
    assertThat(refusal(0)).isEmpty();
    assertThatThrownBy(() -> replay(0))
        .isInstanceOf(RecordRefusedException.class)
        .hasMessageContaining(topic() + " does not take the record");
    assertThat(replay(1)).isTrue();
    assertThat(replay(2)).isTrue();
    try (var lookup = new RecordLookup(broker.clients(), "test")) {
      var partition = new TopicPartition(topic(), 0);
      assertThat(lookup.kept(partition, 3).orElseThrow()).hasSize(5 * MIB);
      assertThat(lookup.kept(partition, 4).orElseThrow()).hasSize(10);
    }
  }

  @Test
  void shouldNotTakeAHeaderOfTheProducerForOurs() {
    // Given
    ConsumerRecord<String, byte[]> record = record(0, "key");
    record.headers().add(DeadLetters.LEFT_OUT, utf8("3"));
    record.headers().add("kept", utf8("kept"));

    // When
    letters.add(record, "wrong");

    // Then
    assertThat(refusal(0)).isEmpty();
    assertThat(archive.content(letter(0)).orElseThrow().originHeaders().text())
        .contains("\"kept\"")
        .doesNotContain(DeadLetters.LEFT_OUT);
  }

  @Test
  void shouldNotCallALetterGoneWhileTheLogIsSilent() {
    // Given
    letters.add(record(0, "key"), "wrong");
    DeadLetter letter = letter(0);
    String prefix = topic().substring(0, topic().length() - Topic.INGRESS.topicName().length());
    var nobody = new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), prefix);
    try (var silent = new DeadLetterArchive(nobody)) {
      // When, then
      assertThatThrownBy(() -> silent.content(letter)).isInstanceOf(TimeoutException.class);
      assertThat(archive.content(letter)).isPresent();
    }
  }
}
