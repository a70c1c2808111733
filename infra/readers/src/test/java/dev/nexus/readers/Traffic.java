package dev.nexus.readers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.TaskMeasured;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Calls to a component, and what the platform itself says of them.
final class Traffic {
  /// How many there are on the shared platform: all classes that use it ask for the same.
  static final int CALLS = 300;

  private static final EventCodec<ExecutionEvent> FACTS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final EventCodec<MetricEvent> METRICS =
      EventCodec.of(Topic.METRICS, MetricEvent.class);

  private Traffic() {}

  /// Which facts no reader may count.
  ///
  /// @param twice is on the log twice, and a reader sees both
  /// @param aborted was never committed, and no reader sees it
  record Spoilt(UUID twice, UUID aborted) {}

  /// How many calls the projection knows, and the log of measurements.
  private record Counted(long succeeded, long measured) {
    static Counted of(PlatformExtension platform) {
      JsonNode tier = stats(platform, "greet").path("tiers").path("CODE");
      return new Counted(tier.path("succeeded").asLong(), Traffic.measured(platform));
    }
  }

  /// Makes the calls, and waits until all is on the log and counted. Then it leaves on the log what
  /// a router may leave there that was killed.
  static Spoilt of(PlatformExtension platform) throws Exception {
    call(platform, CALLS);
    Eventually.value(
        () -> Counted.of(platform),
        counted -> counted.succeeded() == CALLS && counted.measured() >= CALLS,
        "all calls are counted");
    var clients = new KafkaClients(platform.platform().settings());
    spoil(clients, METRICS, TaskMeasured.class);
    return spoil(clients, FACTS, ExecutionSucceeded.class);
  }

  /// Publishes `lab` and calls its `greet` until it was called so often.
  static void call(PlatformExtension platform, int calls) {
    platform.apply("lab");
    long before =
        Eventually.value(() -> stats(platform, "greet"), _ -> true, "the component is known")
            .path("tiers")
            .path("CODE")
            .path("count")
            .asLong();
    for (long call = before; call < calls; call++) {
      PlatformExtension.json(
          platform.post("/v1/apps/lab/components/greet/invoke", "{\"name\": \"Ada\"}"), 200);
    }
  }

  /// Writes the first event of this type once more, and then once as another event in a transaction
  /// that is aborted.
  private static <E> Spoilt spoil(
      KafkaClients clients, EventCodec<E> codec, Class<? extends E> type) throws Exception {
    ConsumerRecord<String, byte[]> first =
        records(clients, codec.topic()).stream()
            .filter(record -> type.isInstance(codec.decode(record.value()).body()))
            .findFirst()
            .orElseThrow();
    try (var producer = clients.producer("twice")) {
      producer
          .send(
              new ProducerRecord<>(
                  first.topic(), first.partition(), first.key(), first.value(), first.headers()))
          .get();
    }
    Event<E> event = codec.decode(first.value());
    Event<E> another = another(event);
    try (var producer = clients.transactionalProducer("aborted")) {
      producer.initTransactions();
      producer.beginTransaction();
      var written =
          producer.send(
              EventRecords.of(
                  clients, codec, codec.topic(), first.partition(), first.key(), another));
      producer.flush();
      // An abort would hide that it was not written.
      written.get();
      producer.abortTransaction();
    }
    return new Spoilt(event.envelope().eventId(), another.envelope().eventId());
  }

  /// The same under an id of its own.
  private static <E> Event<E> another(Event<E> event) {
    Envelope same = event.envelope();
    return new Event<>(
        new Envelope(
            UUID.nameUUIDFromBytes(("another " + same.eventId()).getBytes(UTF_8)),
            same.occurredAt(),
            same.tenantId(),
            same.appId(),
            same.executionId(),
            same.sequence(),
            same.causationId(),
            same.correlationId(),
            same.actor(),
            same.traceparent(),
            same.input()),
        event.body());
  }

  /// How many tasks of the calls were measured, by what is on the log. Beside them stands how far
  /// who is behind.
  static long measured(PlatformExtension platform) {
    var clients = new KafkaClients(platform.platform().settings());
    return new TopicReader(clients)
        .read(Topic.METRICS, METRICS).stream()
            .filter(e -> e.body() instanceof TaskMeasured task && task.component().equals("greet"))
            .map(e -> e.envelope().eventId())
            .distinct()
            .count();
  }

  /// Milliseconds from the request to the end of each execution that succeeded, all of which are
  /// calls of `greet`, by what is on the log.
  static List<Long> tookMs(PlatformExtension platform) {
    var clients = new KafkaClients(platform.platform().settings());
    Map<String, Instant> accepted = new HashMap<>();
    Map<String, Instant> succeeded = new HashMap<>();
    for (var event : new TopicReader(clients).read(Topic.EXECUTIONS, FACTS)) {
      Envelope envelope = event.envelope();
      if (event.body() instanceof ExecutionAccepted) {
        accepted.put(envelope.executionId(), envelope.occurredAt());
      } else if (event.body() instanceof ExecutionSucceeded) {
        succeeded.put(envelope.executionId(), envelope.occurredAt());
      }
    }
    List<Long> took = new ArrayList<>();
    for (var end : succeeded.entrySet()) {
      Instant begin = accepted.getOrDefault(end.getKey(), Instant.EPOCH);
      took.add(Duration.between(begin, end.getValue()).toMillis());
    }
    return took;
  }

  static JsonNode stats(PlatformExtension platform, String component) {
    return PlatformExtension.json(
        platform.get("/v1/apps/lab/components/" + component + "/stats"), 200);
  }

  static List<ConsumerRecord<String, byte[]>> records(KafkaClients clients, Topic topic) {
    return new TopicReader(clients).records(topic);
  }
}
