package dev.nexus.projector.live;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.promotion.PromotionEvent;
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
  private static final EventCodec<ExecutionEvent> EXECUTIONS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final EventCodec<PromotionEvent> PROMOTIONS =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);

  private final KafkaConsumer<String, byte[]> consumer;
  private final ComponentLookup components;
  private final Map<TopicPartition, Part> parts = new HashMap<>();
  private final Map<String, String> componentOf =
      new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > COMPONENTS_KNOWN;
        }
      };

  FactReader(KafkaClients clients, String name, ComponentLookup components) {
    this.components = components;
    this.consumer = clients.assignedConsumer(name);
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
    consumer.seekToEnd(parts.keySet());
    parts.keySet().forEach(consumer::position);
  }

  /// Goes to a position; where the log no longer or not yet has it, to the nearest there is. Gives
  /// how many places of the log behind it are gone.
  long seek(StreamPosition position) {
    var begins = consumer.beginningOffsets(parts.keySet());
    var ends = consumer.endOffsets(parts.keySet());
    long gone = 0;
    for (var entry : parts.entrySet()) {
      TopicPartition partition = entry.getKey();
      long begin = begins.getOrDefault(partition, 0L);
      long end = ends.getOrDefault(partition, 0L);
      Long wanted = position.next().get(entry.getValue());
      consumer.seek(partition, wanted == null ? end : Math.clamp(wanted, begin, end));
      gone += wanted == null ? 0 : Math.max(0, begin - wanted);
    }
    return gone;
  }

  StreamPosition position() {
    Map<Part, Long> next = new HashMap<>();
    parts.forEach((partition, part) -> next.put(part, consumer.position(partition)));
    return new StreamPosition(next);
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
        read(part, record).ifPresent(facts::add);
      }
    }
    return facts;
  }

  /// What cannot be read, in whatever way, is the projections' to report.
  private Optional<LiveFact> read(Part part, ConsumerRecord<String, byte[]> record) {
    try {
      Event<?> event =
          part.topic() == Topic.EXECUTIONS
              ? EXECUTIONS.decode(record.value())
              : PROMOTIONS.decode(record.value());
      ComponentLookup.Answer component = component(event, record.offset());
      return Optional.of(
          new LiveFact(
              part,
              record.offset(),
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

  @Override
  public void close() {
    consumer.close();
  }
}
