package dev.nexus.command.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.ChildProcess;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Letters of a MiB each take no more room than small ones until somebody wants one whole.
class DeadLetterArchiveIT {
  private static final int LETTERS = 120;
  private static final int MIB = 1 << 20;
  private static final int PAGE = 50;
  private static final String REASON = "what is wrong: " + "x".repeat(1_500);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private void putAside(int count, String reason) {
    try (EventProducer producer = new EventProducer(broker.clients(), "test")) {
      var letters = new DeadLetters(producer, "test", Clock.systemUTC());
      for (int i = 0; i < count; i++) {
        letters.add(new ConsumerRecord<>("somewhere", 0, i, "key", new byte[MIB]), reason);
      }
    }
  }

  /// A process with less heap than the letters have lists them page by page and reads each.
  public static void main(String[] args) {
    KafkaClients clients = new KafkaClients(Map.of("bootstrap.servers", args[0]), args[1]);
    try (DeadLetterArchive archive = new DeadLetterArchive(clients)) {
      long before = Long.MAX_VALUE;
      List<DeadLetter> page = archive.newest(before, PAGE, _ -> true).letters();
      while (!page.isEmpty()) {
        for (DeadLetter letter : page) {
          int bytes = archive.content(letter).orElseThrow().originValue().remaining();
          System.out.println(letter.origin() + " " + bytes);
        }
        before = page.getLast().position();
        page = archive.newest(before, PAGE, _ -> true).letters();
      }
      System.out.println(archive.find(Origin.parse("somewhere-0@0").orElseThrow()).isPresent());
    }
  }

  @Test
  void shouldListLettersThatTheHeapHasNoRoomFor() throws Exception {
    // Given
    putAside(LETTERS, "wrong");
    Settings settings = broker.settings(Map.of());

    // When
    Process child =
        ChildProcess.start(
            "64m",
            DeadLetterArchiveIT.class,
            settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
            settings.text(Setting.KAFKA_TOPIC_PREFIX));

    // Then none is left out or told twice
    List<String> said = child.inputReader().lines().toList();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < LETTERS; i++) {
      expected.add("somewhere-0@" + i + " " + MIB);
    }
    Collections.reverse(expected);
    expected.add("true");
    assertThat(said).containsSubsequence(expected);
    assertThat(said).filteredOn(line -> line.startsWith("somewhere")).hasSize(LETTERS);
    assertThat(child.waitFor()).isZero();
  }

  /// Counts what is read.
  public static final class Counting implements ConsumerInterceptor<String, byte[]> {
    private static final AtomicLong RECORDS = new AtomicLong();

    @Override
    public ConsumerRecords<String, byte[]> onConsume(ConsumerRecords<String, byte[]> records) {
      RECORDS.addAndGet(records.count());
      return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  private static Origin origin(int offset) {
    return new Origin("somewhere", 0, offset);
  }

  @Test
  void shouldFindManyInOneWalkAndTellEachOnceOverManyPages() {
    // Given
    int count = 1_500;
    try (EventProducer producer = new EventProducer(broker.clients(), "test")) {
      var letters = new DeadLetters(producer, "test", Clock.systemUTC());
      IntStream.range(0, count)
          .mapToObj(i -> new ConsumerRecord<>("somewhere", 0, i, "key", new byte[0]))
          .map(record -> letters.send(record, "wrong"))
          .toList()
          .forEach(CompletableFuture::join);
    }
    Settings settings = broker.settings(Map.of());
    var clients =
        new KafkaClients(
            Map.of(
                "bootstrap.servers",
                settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
                ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
                Counting.class.getName()),
            settings.text(Setting.KAFKA_TOPIC_PREFIX));
    Set<Origin> wanted =
        IntStream.range(0, 100)
            .mapToObj(DeadLetterArchiveIT::origin)
            .collect(Collectors.toCollection(HashSet::new));
    wanted.add(origin(count));
    try (DeadLetterArchive archive = new DeadLetterArchive(clients)) {
      // When
      Counting.RECORDS.set(0);
      Map<Origin, DeadLetter> found = archive.find(wanted);

      // Then
      assertThat(found).hasSize(100).doesNotContainKey(origin(count));
      assertThat(Counting.RECORDS.get()).as("read in one walk").isLessThan(2L * count);

      // When
      List<Origin> listed = new ArrayList<>();
      long before = Long.MAX_VALUE;
      Counting.RECORDS.set(0);
      while (before >= 0) {
        List<DeadLetter> page = archive.newest(before, PAGE, _ -> true).letters();
        page.forEach(letter -> listed.add(letter.origin()));
        before = page.size() < PAGE ? -1 : page.getLast().position();
      }

      // Then
      assertThat(listed)
          .containsExactlyElementsOf(
              IntStream.range(0, count).mapToObj(i -> origin(count - 1 - i)).toList());
      assertThat(Counting.RECORDS.get())
          .as("a page goes on where the one before it ended")
          .isLessThan(10L * count);
    }
  }

  @Test
  void shouldListTheBeginningOfALongReasonAndKeepAllOfIt() {
    // Given
    putAside(1, REASON);

    // When
    try (DeadLetterArchive archive = new DeadLetterArchive(broker.clients())) {
      DeadLetter listed = archive.newest(Long.MAX_VALUE, PAGE, _ -> true).letters().getFirst();

      // Then
      assertThat(listed.reason()).isEqualTo(REASON.substring(0, DeadLetter.LONGEST_TEXT) + "…");
      assertThat(archive.content(listed))
          .hasValueSatisfying(content -> assertThat(content.reason()).isEqualTo(REASON));
    }
  }
}
