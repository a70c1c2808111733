package dev.nexus.projector.live;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.live.StreamPosition.Part;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/// Reads the streamed topics from some position on. For one thread.
final class FactReader implements AutoCloseable {
  static final List<Topic> TOPICS = List.of(Topic.EXECUTIONS, Topic.PROMOTIONS);

  private static final int COMPONENTS_KNOWN = 20_000;
  private static final int AT_ONCE = 500;
  private static final EventCodec<ExecutionEvent> EXECUTIONS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final EventCodec<PromotionEvent> PROMOTIONS =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);

  private final KafkaClients clients;
  private final String name;
  private final KafkaConsumer<String, byte[]> consumer;
  private final ComponentLookup components;
  private final Map<TopicPartition, Part> parts = new HashMap<>();

  /// What stands right before where it is, as far as that is known.
  private final Map<Part, LazyImprint> last = new HashMap<>();

  private final Map<String, String> componentOf =
      new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > COMPONENTS_KNOWN;
        }
      };

  FactReader(KafkaClients clients, String name, ComponentLookup components) {
    this.clients = clients;
    this.name = name;
    this.components = components;
    // A log that loses its end, or what is to be read next, while this one reads has to be noticed.
    this.consumer = clients.gaplessConsumer(name, AT_ONCE);
    try {
      for (Topic topic : TOPICS) {
        for (PartitionInfo p : consumer.partitionsFor(clients.name(topic))) {
          parts.put(new TopicPartition(p.topic(), p.partition()), new Part(topic, p.partition()));
        }
      }
      consumer.assign(parts.keySet());
    } catch (RuntimeException e) {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
      throw e;
    }
  }

  /// Goes to the end: only what comes from now on is read.
  void seekToEnd() {
    seek(new StreamPosition(Map.of()));
  }

  /// Goes to a position; where the log no longer or not yet has it, to the nearest there is. Gives
  /// what is missed that way, if anything is.
  Optional<Gap> seek(StreamPosition position) {
    var begins = consumer.beginningOffsets(parts.keySet());
    var ends = consumer.endOffsets(parts.keySet());
    Map<TopicPartition, Long> places = new HashMap<>();
    long deleted = 0;
    int lostEnds = 0;
    last.clear();
    try (LastRecords looking = new LastRecords(clients, name)) {
      for (var entry : parts.entrySet()) {
        TopicPartition partition = entry.getKey();
        Part part = entry.getValue();
        long begin = begins.getOrDefault(partition, 0L);
        long end = ends.getOrDefault(partition, 0L);
        long wanted = position.next().getOrDefault(part, end);
        Optional<Imprint> known =
            Optional.ofNullable(position.last().get(part)).filter(it -> it.offset() >= begin);
        if (wanted > end || known.filter(it -> looking.differ(partition, it, wanted)).isPresent()) {
          lostEnds++;
        } else {
          known.ifPresent(it -> last.put(part, LazyImprint.of(it)));
        }
        deleted += Math.max(0, begin - wanted);
        places.put(partition, Math.clamp(wanted, begin, end));
      }
      lookUp(looking, places, begins);
    }
    places.forEach(this::goTo);
    return deleted > 0 || lostEnds > 0
        ? Optional.of(new Gap(deleted, lostEnds, position()))
        : Optional.empty();
  }

  /// Finds out what stands before places of which that is not known.
  private void lookUp(
      LastRecords looking, Map<TopicPartition, Long> places, Map<TopicPartition, Long> begins) {
    Map<TopicPartition, Long> unknown = new HashMap<>(places);
    unknown.keySet().removeIf(partition -> last.containsKey(parts.get(partition)));
    looking
        .before(unknown, begins)
        .forEach(
            (partition, record) -> {
              Part part = parts.get(partition);
              if (part != null) {
                last.put(part, record);
              }
            });
  }

  /// Right behind the record before the place, where that is known: the broker is asked then, at
  /// each change of the leader, whether the log has lost its end.
  private void goTo(TopicPartition partition, long place) {
    Optional.ofNullable(parts.get(partition))
        .flatMap(part -> Optional.ofNullable(last.get(part)))
        .map(LazyImprint::get)
        .flatMap(Imprint::behind)
        .ifPresentOrElse(
            behind -> consumer.seek(partition, behind), () -> consumer.seek(partition, place));
  }

  StreamPosition position() {
    Map<Part, Long> next = new HashMap<>();
    parts.forEach((partition, part) -> next.put(part, consumer.position(partition)));
    return StreamPosition.of(next, last);
  }

  /// Whether everything up to `goal` was read.
  boolean reached(StreamPosition goal) {
    return parts.entrySet().stream()
        .allMatch(e -> consumer.position(e.getKey()) >= goal.of(e.getValue()));
  }

  /// Where the log ends now.
  StreamPosition end() {
    Map<Part, Long> next = new HashMap<>();
    consumer
        .endOffsets(parts.keySet())
        .forEach(
            (partition, end) ->
                Optional.ofNullable(parts.get(partition)).ifPresent(part -> next.put(part, end)));
    return new StreamPosition(next);
  }

  List<LiveFact> poll(Duration wait) {
    List<LiveFact> facts = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : consumer.poll(wait)) {
      Part part = parts.get(new TopicPartition(record.topic(), record.partition()));
      if (part != null) {
        LazyImprint imprint = LazyImprint.of(record);
        last.put(part, imprint);
        read(part, imprint, record).ifPresent(facts::add);
      }
    }
    return facts;
  }

  /// What cannot be read, in whatever way, is the projections' to report.
  private Optional<LiveFact> read(
      Part part, LazyImprint imprint, ConsumerRecord<String, byte[]> record) {
    try {
      Event<?> event =
          part.topic() == Topic.EXECUTIONS
              ? EXECUTIONS.decode(record.value())
              : PROMOTIONS.decode(record.value());
      ComponentLookup.Answer component = component(event, record.offset());
      return Optional.of(
          new LiveFact(
              part,
              imprint,
              record.value().length,
              component.component(),
              component.doubt(),
              event));
    } catch (RuntimeException | StackOverflowError e) {
      return Optional.empty();
    }
  }

  private ComponentLookup.Answer component(Event<?> event, long offset) {
    if (event.body() instanceof PromotionEvent promotion) {
      return ComponentLookup.Answer.of(promotion.subject().component());
    }
    if (event.body() instanceof ExecutionEvent fact && fact.ofLine()) {
      return ComponentLookup.Answer.of("");
    }
    String execution = event.envelope().executionId();
    if (event.body() instanceof ExecutionAccepted accepted) {
      componentOf.put(execution, accepted.component());
    }
    String known = componentOf.get(execution);
    if (known != null) {
      return ComponentLookup.Answer.of(known);
    }
    ComponentLookup.Answer asked = components.of(event, offset);
    if (!asked.component().isEmpty()) {
      componentOf.put(execution, asked.component());
    }
    return asked;
  }

  void wakeup() {
    consumer.wakeup();
  }

  /// Does not wait for brokers, as `LastRecords`.
  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
