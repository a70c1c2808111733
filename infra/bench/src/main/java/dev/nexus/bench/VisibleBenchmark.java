package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/// 10,000 facts a second, each due at its own moment: how long after that moment Redis has it. A
/// fact that is sent late counts from when it was due, so a stall is not hidden. Three floors, at
/// the same rate: when the log has taken the same record of the same producer, when a plain
/// consumer has it, and when Redis has answered a bare `SET` of as many bytes.
final class VisibleBenchmark implements Benchmark {
  private static final int PER_SECOND = 10_000;

  @Override
  public String name() {
    return "visible";
  }

  @Override
  public String describe() {
    return PER_SECOND + " facts a second: from when a fact was due until Redis has it";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    try (ReadSide side = new ReadSide()) {
      List<Latencies> own = new ArrayList<>();
      long bytes;
      try (BareProjector running = side.start("reader")) {
        running.awaitFolded();
        long warm = System.nanoTime() + effort.warmUp().toNanos();
        for (int i = 0; System.nanoTime() < warm; i++) {
          Latencies warming = inRedis(side, "warm" + i, Duration.ofSeconds(5));
          tell.accept("warming up: " + warming.json());
        }
        long before = side.redisInput();
        long facts = side.length();
        for (int run = 0; run < effort.runs(); run++) {
          own.add(inRedis(side, "own" + run, effort.each()));
          tell.accept("in Redis: " + own.getLast().json());
        }
        bytes = (side.redisInput() - before) / Math.max(1, side.length() - facts);
      }
      Floors floors = floors(side, Math.toIntExact(bytes), effort, tell);
      return findings(Latencies.median(own), floors);
    }
  }

  /// What the same facts take without Nexus.
  ///
  /// @param producer until the log has taken them
  /// @param consumer until a plain consumer has them
  /// @param redis until Redis has answered a `SET` of as many bytes
  record Floors(Latencies producer, Latencies consumer, Latencies redis) {}

  private static Floors floors(ReadSide side, int bytes, Effort effort, Consumer<String> tell)
      throws InterruptedException {
    List<Latencies> producer = new ArrayList<>();
    List<Latencies> consumer = new ArrayList<>();
    List<Latencies> redis = new ArrayList<>();
    for (int run = 0; run < effort.runs(); run++) {
      producer.add(taken(side, "taken" + run, effort.each()));
      consumer.add(consumed(side, "bare" + run, effort.each()));
      redis.add(set(side, bytes, effort.each()));
      tell.accept(
          "taken by the log: %s; bare consumer: %s; SET of %d bytes: %s"
              .formatted(
                  producer.getLast().json(),
                  consumer.getLast().json(),
                  bytes,
                  redis.getLast().json()));
    }
    return new Floors(
        Latencies.median(producer), Latencies.median(consumer), Latencies.median(redis));
  }

  static Findings findings(Latencies own, Floors floors) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.set("at10k", own.json());
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    floor.set("producerAt10k", floors.producer().json());
    floor.set("consumerAt10k", floors.consumer().json());
    floor.set("redisAt10k", floors.redis().json());
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    ratio.set("producer", ratio(own, floors.producer()));
    ratio.set("consumer", ratio(own, floors.consumer()));
    ratio.set("redis", ratio(own, floors.redis()));
    return new Findings(result, floor, ratio);
  }

  static ObjectNode ratio(Latencies own, Latencies floor) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("p50", Latencies.round(own.p50Ms() / floor.p50Ms()))
        .put("p99", Latencies.round(own.p99Ms() / floor.p99Ms()));
  }

  private static Latencies inRedis(ReadSide side, String name, Duration length) {
    Map<String, Integer> channels = new HashMap<>();
    side.partitions()
        .forEach(
            p ->
                channels.put(
                    ProjectionStore.CHANNEL + new Slot(p.topic(), p.partition()), p.partition()));
    try (var heard = side.redis().connectPubSub()) {
      UnderWay underWay = new UnderWay(side.partitions());
      heard.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
              underWay.there(
                  channels.getOrDefault(channel, 0), Long.parseLong(message.split(" ")[2]));
            }
          });
      heard.sync().subscribe(channels.keySet().toArray(String[]::new));
      return write(side, name, length, underWay, _ -> {});
    }
  }

  /// Until a consumer that looks at nothing has it.
  private static Latencies consumed(ReadSide side, String name, Duration length)
      throws InterruptedException {
    UnderWay underWay = new UnderWay(side.partitions());
    AtomicBoolean going = new AtomicBoolean(true);
    Map<TopicPartition, Long> ends = side.ends();
    Thread reading =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (var consumer = side.clients().assignedConsumer("bench-floor", 1_000)) {
                    consumer.assign(side.partitions());
                    ends.forEach(consumer::seek);
                    while (going.get()) {
                      consumer
                          .poll(Duration.ofMillis(100))
                          .forEach(
                              record -> underWay.there(record.partition(), record.offset() + 1));
                    }
                  }
                });
    Latencies latencies = write(side, name, length, underWay, _ -> {});
    going.set(false);
    reading.join();
    return latencies;
  }

  /// Until the broker has answered its producer.
  private static Latencies taken(ReadSide side, String name, Duration length) {
    UnderWay underWay = new UnderWay(side.partitions());
    return write(
        side,
        name,
        length,
        underWay,
        taken -> underWay.there(taken.partition(), taken.offset() + 1));
  }

  /// Until Redis has answered a `SET` of so many bytes.
  private static Latencies set(ReadSide side, int bytes, Duration length) {
    UnderWay underWay = new UnderWay(side.partitions());
    int only = side.partitions().getFirst().partition();
    byte[] value = new byte[bytes];
    try (var connection = side.redis().connect(ByteArrayCodec.INSTANCE)) {
      FixedRate rate = FixedRate.from(PER_SECOND);
      for (long number = 0; number < rate.within(length); number++) {
        long next = number + 1;
        underWay.sent(only, number, rate.awaitDue(number));
        byte[] name = ("floor:" + number % 100_000).getBytes(StandardCharsets.US_ASCII);
        var _ = connection.async().set(name, value).thenAccept(_ -> underWay.there(only, next));
      }
      return underWay.awaitAll(rate);
    }
  }

  private static Latencies write(
      ReadSide side,
      String name,
      Duration length,
      UnderWay underWay,
      Consumer<RecordMetadata> taken) {
    long[] next = new long[side.partitions().size()];
    side.ends().forEach((partition, end) -> next[partition.partition()] = end);
    FixedRate rate = FixedRate.from(PER_SECOND);
    try (KafkaProducer<String, byte[]> producer = side.clients().producer("bench-live")) {
      long written = 0;
      for (long number = 0; written < rate.within(length); number++) {
        for (Event<ExecutionEvent> event : Facts.of(name, number)) {
          long due = rate.awaitDue(written++);
          String key = Facts.key(event);
          int partition = side.partitionOf(key);
          // Nobody else writes, so the offset is known before the broker tells it.
          underWay.sent(partition, next[partition]++, due);
          producer.send(
              EventRecords.of(
                  side.clients(), Facts.CODEC, Facts.CODEC.topic(), partition, key, event),
              (metadata, error) -> {
                if (error == null) {
                  taken.accept(metadata);
                }
              });
        }
      }
    }
    return underWay.awaitAll(rate);
  }
}
