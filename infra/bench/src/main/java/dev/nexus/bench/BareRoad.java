package dev.nexus.bench;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The floor of a durable call: a synced record there, a record back, by plain clients.
final class BareRoad implements ClosedLoop.Callers, AutoCloseable {
  private static final int PARTITIONS = 4;
  private static final int SIZE = 300;
  private static final String THERE = "bench.there";
  private static final String BACK = "bench.back";

  private final Map<String, Object> base;
  private final KafkaProducer<byte[], byte[]> calls;
  private final KafkaProducer<byte[], byte[]> answers;
  private final Map<Long, CompletableFuture<Void>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final List<Thread> threads;

  /// @param kafka what reaches the broker, as somebody who may make topics
  BareRoad(Map<String, String> kafka) throws Exception {
    base = Map.copyOf(kafka);
    try (Admin admin = Admin.create(base)) {
      NewTopic there = new NewTopic(THERE, PARTITIONS, (short) 1);
      there.configs(Map.of("flush.messages", "1"));
      admin.createTopics(List.of(there, new NewTopic(BACK, PARTITIONS, (short) 1))).all().get();
    }
    calls = producer();
    answers = producer();
    threads =
        List.of(
            Thread.ofPlatform().start(() -> follow(THERE, id -> send(answers, BACK, id))),
            Thread.ofPlatform().start(() -> follow(BACK, this::complete)));
  }

  @Override
  public ClosedLoop.Caller open(int number) {
    return new ClosedLoop.Caller() {
      @Override
      public void call() throws Exception {
        long id = ids.incrementAndGet();
        CompletableFuture<Void> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        send(calls, THERE, id);
        answer.get();
      }

      @Override
      public void close() {}
    };
  }

  private void complete(long id) {
    CompletableFuture<Void> answer = waiting.remove(id);
    if (answer != null) {
      answer.complete(null);
    }
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, String topic, long id) {
    byte[] value = ByteBuffer.allocate(SIZE).putLong(id).array();
    producer.send(new ProducerRecord<>(topic, (int) (id % PARTITIONS), null, value));
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        with(
            Map.of(
                "acks",
                "all",
                "linger.ms",
                0,
                "key.serializer",
                ByteArraySerializer.class,
                "value.serializer",
                ByteArraySerializer.class)));
  }

  private Map<String, Object> with(Map<String, Object> more) {
    Map<String, Object> all = new HashMap<>(base);
    all.putAll(more);
    return all;
  }

  private void follow(String topic, java.util.function.LongConsumer each) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            with(
                Map.of(
                    "key.deserializer",
                    ByteArrayDeserializer.class,
                    "value.deserializer",
                    ByteArrayDeserializer.class)))) {
      List<TopicPartition> partitions =
          java.util.stream.IntStream.range(0, PARTITIONS)
              .mapToObj(p -> new TopicPartition(topic, p))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closing.get()) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(record -> each.accept(ByteBuffer.wrap(record.value()).getLong()));
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    closing.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    calls.close();
    answers.close();
  }
}
