package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.e2e.PutAside.Place;
import dev.nexus.event.Position;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.TopicCursor;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// What must be so of the dead letters after a fault: there is none but those that a test provokes,
/// and truths that stand before the request that began the execution they are about. Like
/// `FactCheck` it reads on.
final class LetterCheck implements AutoCloseable {
  /// What the router says of a truth of an execution that has not begun. A truth goes to the
  /// partition of `nexus.events` where the event goes that it is about, but may be there first: the
  /// two may come by two partitions of `nexus.ingress`, or the event could not be written at once.
  /// It would say the same of one whose facts it has lost, so the words alone prove nothing.
  private static final String TOO_EARLY = "truth was reported for an execution that does not exist";

  private static final EventCodec<DeadLetterEvent> CODEC =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);

  private final String requests;
  private final TopicCursor cursor;
  private final List<String> unprovoked = new ArrayList<>();

  /// Where truths stood that were refused, by execution; as facts name it, by the topic without the
  /// prefix of the installation.
  private final Map<String, List<Position>> refused = new HashMap<>();

  private Predicate<RecordDeadLettered> provoked = _ -> false;
  private Set<Place> spoilt = Set.of();

  LetterCheck(KafkaClients clients) {
    this.requests = clients.name(Topic.REQUESTS);
    this.cursor = new TopicCursor(clients, Topic.DEAD_LETTERS);
  }

  /// Such letters are the test's doing.
  void except(Predicate<RecordDeadLettered> letter) {
    provoked = letter;
  }

  /// So are letters about records that it wrote itself, and those that it wrote among the letters.
  void exceptRecords(Set<Place> written) {
    spoilt = Set.copyOf(written);
  }

  /// The execution that a record was about, by its key: what stands behind the last `/`.
  static String about(RecordDeadLettered letter) {
    String key = StandardCharsets.UTF_8.decode(letter.originKey().duplicate()).toString();
    return key.substring(key.lastIndexOf('/') + 1);
  }

  /// Executions of which a truth was put aside, as none of them was known; of those on the topic
  /// now.
  Set<String> early() {
    readOn();
    return Set.copyOf(refused.keySet());
  }

  /// @param corrected executions that were told a truth, by events
  /// @param request where the request stands that an execution began with
  void assertNoneUnprovoked(Collection<String> corrected, Function<String, Position> request) {
    assertThat(early()).as("truths put aside, of those that were told").isSubsetOf(corrected);
    assertThat(unprovoked).as("dead letters that nobody provoked").isEmpty();
    assertThat(refused)
        .as("truths that came before their execution")
        .allSatisfy(
            (execution, truths) -> {
              Position began = request.apply(execution);
              assertThat(truths)
                  .as("truths refused of %s, which began with %s", execution, began)
                  .allMatch(truth -> isBefore(truth, began));
            });
  }

  /// Both have the key of the execution, so they stand in one partition, which is read in order.
  static boolean isBefore(Position truth, Position request) {
    return request.exists()
        && truth.inputTopic().equals(request.inputTopic())
        && truth.inputPartition() == request.inputPartition()
        && truth.inputOffset() < request.inputOffset();
  }

  private void readOn() {
    for (var record : cursor.next()) {
      if (spoilt.contains(new Place(record.topic(), record.partition(), record.offset()))) {
        continue;
      }
      try {
        if (CODEC.decode(record.value()).body() instanceof RecordDeadLettered letter) {
          add(letter);
        }
      } catch (UnreadableRecordException e) {
        unprovoked.add("no letter: " + e.getMessage());
      }
    }
  }

  private void add(RecordDeadLettered letter) {
    Place origin = new Place(letter.originTopic(), letter.originPartition(), letter.originOffset());
    if (provoked.test(letter) || spoilt.contains(origin)) {
      return;
    }
    if (letter.originTopic().equals(requests) && letter.reason().equals(TOO_EARLY)) {
      refused
          .computeIfAbsent(about(letter), _ -> new ArrayList<>())
          .add(
              new Position(
                  Topic.REQUESTS.topicName(), letter.originPartition(), letter.originOffset()));
    } else {
      unprovoked.add("%s by %s: %s".formatted(origin, letter.service(), letter.reason()));
    }
  }

  @Override
  public void close() {
    cursor.close();
  }
}
