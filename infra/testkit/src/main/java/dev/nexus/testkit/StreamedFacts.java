package dev.nexus.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// The facts on a log that a client of the live stream has to hear, however often it comes back.
public final class StreamedFacts {
  private final Map<String, List<String>> byPartition = new TreeMap<>();

  private StreamedFacts() {}

  /// Where a client began to listen.
  public interface Begin {
    /// The first offset of a partition that it hears.
    long of(Topic topic, int partition);
  }

  /// What there is now of that.
  ///
  /// @param filter which of the facts it asked for
  public static StreamedFacts on(KafkaClients clients, Begin begin, Predicate<Event<?>> filter) {
    StreamedFacts facts = new StreamedFacts();
    facts.read(clients, EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class), begin, filter);
    facts.read(clients, EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class), begin, filter);
    return facts;
  }

  private <E> void read(
      KafkaClients clients, EventCodec<E> codec, Begin begin, Predicate<Event<?>> filter) {
    Topic topic = codec.topic();
    for (ConsumerRecord<String, byte[]> record : new TopicReader(clients).records(topic)) {
      if (record.offset() >= begin.of(topic, record.partition())) {
        decoded(codec, record)
            .filter(filter)
            .ifPresent(
                fact ->
                    byPartition
                        .computeIfAbsent(
                            topic.topicName() + "-" + record.partition(), _ -> new ArrayList<>())
                        .add(fact.envelope().eventId().toString()));
      }
    }
  }

  /// Nobody hears what cannot be read.
  private static <E> Optional<Event<E>> decoded(
      EventCodec<E> codec, ConsumerRecord<String, byte[]> record) {
    try {
      return Optional.of(codec.decode(record.value()));
    } catch (UnreadableRecordException e) {
      return Optional.empty();
    }
  }

  /// Ids of all of them.
  public Set<String> ids() {
    Set<String> ids = new HashSet<>();
    byPartition.values().forEach(ids::addAll);
    return ids;
  }

  /// On how many partitions they stand.
  public int partitions() {
    return byPartition.size();
  }

  /// These are the facts that were heard: each of those on the log once and no other, those of one
  /// partition in their order.
  public void assertHeard(List<String> heard) {
    List<String> all = byPartition.values().stream().flatMap(List::stream).toList();
    assertThat(heard).as("facts that were heard").containsExactlyInAnyOrderElementsOf(all);
    byPartition.forEach(
        (partition, ids) -> {
          Set<String> there = new HashSet<>(ids);
          assertThat(heard.stream().filter(there::contains).toList())
              .as("order on " + partition)
              .isEqualTo(ids);
        });
  }
}
