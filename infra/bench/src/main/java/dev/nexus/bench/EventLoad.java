package dev.nexus.bench;

import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// Writes outside events at one end of a road and looks at the other for what comes of each: the
/// same for a platform and for its floor.
final class EventLoad implements AutoCloseable {
  private static final byte[] DATA =
      utf8("{\"amount\": 120, \"lines\": [{\"sku\": \"lamp/1\", \"n\": 2}]}");

  /// What is due at this rate is due at once.
  private static final int NO_PACE = 1_000_000_000;

  /// Bytes of a batch: a producer whose batches are small and synced would be what is measured.
  private static final int BATCH = 1 << 20;

  private static final String CLIENT = "bench-events";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Predicate<ConsumerRecord<String, byte[]>> ENDED =
      is(ExecutionSucceeded.class);

  private final KafkaClients clients;
  private final KafkaConsumer<String, byte[]> facts;

  /// From where events are written to where it shows that they have come through. Each topic has
  /// one partition, so what comes out is in the order of what went in.
  ///
  /// @param through which records of `out` there is one of for each event
  record Road(String in, String out, Predicate<ConsumerRecord<String, byte[]>> through) {}

  /// @param clients of an embedded broker on which no execution has begun yet
  EventLoad(KafkaClients clients) {
    this.clients = clients;
    facts = clients.assignedConsumer("bench-ended", 1_000);
    facts.assign(List.of(new TopicPartition(clients.name(Topic.EXECUTIONS), 0)));
  }

  /// Until the verdict is committed.
  Road decided() {
    return new Road(
        clients.name(Topic.INGRESS), clients.name(Topic.EVENTS), is(EventMatched.class));
  }

  /// Until the first fact of the execution can be read.
  Road begun() {
    return new Road(
        clients.name(Topic.INGRESS), clients.name(Topic.EXECUTIONS), is(ExecutionAccepted.class));
  }

  private static Predicate<ConsumerRecord<String, byte[]>> is(Class<?> type) {
    return record -> EventRecords.type(record.headers()).equals(type.getSimpleName());
  }

  /// Events that are there as fast as they can be written. Of what it gives the rate counts: from
  /// the first one written until the last one is through.
  ///
  /// @param name unlike those before: an event that was there already starts nothing
  Latencies atOnce(Road road, String name, long events) throws InterruptedException {
    try (KafkaProducer<String, byte[]> producer = clients.batchingProducer(CLIENT, BATCH)) {
      return run(producer, road, name, events, NO_PACE);
    }
  }

  /// Events that are due one after the other, each counted from when it was due.
  Latencies paced(Road road, String name, long events, int perSecond) throws InterruptedException {
    try (KafkaProducer<String, byte[]> producer = clients.producer(CLIENT)) {
      return run(producer, road, name, events, perSecond);
    }
  }

  private Latencies run(
      KafkaProducer<String, byte[]> producer, Road road, String name, long events, int perSecond)
      throws InterruptedException {
    TopicPartition out = new TopicPartition(road.out(), 0);
    UnderWay underWay = new UnderWay(List.of(out));
    AtomicBoolean going = new AtomicBoolean(true);
    try (KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer("bench-out", 1_000)) {
      consumer.assign(List.of(out));
      consumer.seekToEnd(consumer.assignment());
      consumer.assignment().forEach(consumer::position);
      // Else the first events would wait for what a producer asks before it writes.
      producer.partitionsFor(road.in());
      Thread reading =
          Thread.ofPlatform()
              .start(
                  () -> {
                    long next = 0;
                    while (going.get()) {
                      next += count(consumer, road.through());
                      underWay.there(out.partition(), next);
                    }
                  });
      try {
        FixedRate rate = FixedRate.from(perSecond);
        for (long number = 0; number < events; number++) {
          underWay.sent(out.partition(), number, rate.awaitDue(number));
          producer.send(event(road.in(), name + "-" + number));
        }
        producer.flush();
        return underWay.awaitAll(rate);
      } finally {
        going.set(false);
        reading.join();
      }
    }
  }

  /// Records of this kind that have come, waiting a moment for some.
  private static long count(
      KafkaConsumer<String, byte[]> consumer, Predicate<ConsumerRecord<String, byte[]>> kind) {
    long found = 0;
    for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
      found += kind.test(record) ? 1 : 0;
    }
    return found;
  }

  private static ProducerRecord<String, byte[]> event(String topic, String id) {
    ProducerRecord<String, byte[]> event = new ProducerRecord<>(topic, id, DATA);
    Map.of(
            "ce_specversion", "1.0",
            "ce_source", "urn:bench",
            "ce_id", id,
            "ce_type", "com.example.ordered",
            "content-type", "application/json")
        .forEach((name, value) -> event.headers().add(name, utf8(value)));
    return event;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Returns when so many executions have ended since it was last called, and a moment later, so
  /// that nothing of them slows what comes next.
  void settle(long executions) throws InterruptedException {
    long deadline = System.nanoTime() + UnderWay.PATIENCE.toNanos();
    for (long ended = 0; ended < executions; ended += count(facts, ENDED)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "%d of %d executions ended within %s".formatted(ended, executions, UnderWay.PATIENCE));
      }
    }
    Thread.sleep(InvokeLoad.REST);
  }

  @Override
  public void close() {
    facts.close();
  }
}
