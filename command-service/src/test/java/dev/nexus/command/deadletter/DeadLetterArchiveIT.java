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
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
