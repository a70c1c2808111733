package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/// 10,000 facts a second, each due at its own moment: how long after that moment Redis has it. A
/// fact that is sent late counts from when it was due, so a stall is not hidden. The floor: when a
/// plain consumer has the same record of the same producer.
final class VisibleBenchmark implements Benchmark {
  private static final int PER_SECOND = 10_000;

  /// How often the writer looks for what is due.
  private static final long LOOKED_EVERY_NANOS = 200_000;

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
      List<Latencies> bare = new ArrayList<>();
      try (BareProjector running = side.start("reader")) {
        running.awaitFolded();
        long warm = System.nanoTime() + effort.warmUp().toNanos();
        for (int i = 0; System.nanoTime() < warm; i++) {
          Latencies warming = inRedis(side, "warm" + i, Duration.ofSeconds(5));
          tell.accept("warming up: " + warming.json());
        }
        for (int run = 0; run < effort.runs(); run++) {
          own.add(inRedis(side, "own" + run, effort.each()));
          tell.accept("in Redis: " + own.getLast().json());
        }
      }
      for (int run = 0; run < effort.runs(); run++) {
        bare.add(consumed(side, "bare" + run, effort.each()));
        tell.accept("bare consumer: " + bare.getLast().json());
      }
      return findings(Latencies.median(own), Latencies.median(bare));
    }
  }

  static Findings findings(Latencies own, Latencies bare) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.set("at10k", own.json());
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    floor.set("at10k", bare.json());
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    ratio
        .put("p50", Latencies.round(own.p50Ms() / bare.p50Ms()))
        .put("p99", Latencies.round(own.p99Ms() / bare.p99Ms()));
    return new Findings(result, floor, ratio);
  }

  /// What is on its way: for each partition the facts in order, with the moment each was due.
  private static final class Open {
    private final Map<Integer, ConcurrentLinkedQueue<long[]>> due = new HashMap<>();
    private final Histogram histogram = new Histogram(3);

    Open(List<TopicPartition> partitions) {
      partitions.forEach(p -> due.put(p.partition(), new ConcurrentLinkedQueue<>()));
    }

    void sent(int partition, long offset, long dueNanos) {
      of(partition).add(new long[] {offset, dueNanos});
    }

    private ConcurrentLinkedQueue<long[]> of(int partition) {
      return due.getOrDefault(partition, new ConcurrentLinkedQueue<>());
    }

    /// Everything of the partition before `next` is there.
    synchronized void there(int partition, long next) {
      long now = System.nanoTime();
      var own = of(partition);
      for (long[] one = own.peek(); one != null && one[0] < next; one = own.peek()) {
        histogram.recordValue(Math.max(0, now - one[1]));
        own.remove();
      }
    }

    boolean empty() {
      return due.values().stream().allMatch(ConcurrentLinkedQueue::isEmpty);
    }

    synchronized Latencies latencies(Duration took) {
      return Latencies.of(List.of(histogram), took);
    }
  }

  private static Latencies inRedis(ReadSide side, String name, Duration length) {
    Open open = new Open(side.partitions());
    Map<String, Integer> channels = new HashMap<>();
    side.partitions()
        .forEach(
            p ->
                channels.put(
                    ProjectionStore.CHANNEL + new Slot(p.topic(), p.partition()), p.partition()));
    try (var heard = side.redis().connectPubSub()) {
      heard.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
              open.there(channels.getOrDefault(channel, 0), Long.parseLong(message.split(" ")[2]));
            }
          });
      heard.sync().subscribe(channels.keySet().toArray(String[]::new));
      long from = System.nanoTime();
      write(side, name, length, open::sent);
      while (!open.empty()) {
        LockSupport.parkNanos(1_000_000);
      }
      return open.latencies(Duration.ofNanos(System.nanoTime() - from));
    }
  }

  private static Latencies consumed(ReadSide side, String name, Duration length)
      throws InterruptedException {
    Open open = new Open(side.partitions());
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
                          .forEach(record -> open.there(record.partition(), record.offset() + 1));
                    }
                  }
                });
    long from = System.nanoTime();
    write(side, name, length, open::sent);
    while (!open.empty()) {
      LockSupport.parkNanos(1_000_000);
    }
    going.set(false);
    reading.join();
    return open.latencies(Duration.ofNanos(System.nanoTime() - from));
  }

  private interface Sent {
    void sent(int partition, long offset, long dueNanos);
  }

  private static void write(ReadSide side, String name, Duration length, Sent told) {
    long from = System.nanoTime();
    long total = length.toMillis() * PER_SECOND / 1_000;
    long[] next = new long[side.partitions().size()];
    side.ends().forEach((partition, end) -> next[partition.partition()] = end);
    try (KafkaProducer<String, byte[]> producer = side.clients().producer("bench-live")) {
      long written = 0;
      for (long number = 0; written < total; number++) {
        for (Event<ExecutionEvent> event : Facts.of(name, number)) {
          long due = from + written++ * (1_000_000_000L / PER_SECOND);
          while (System.nanoTime() < due) {
            LockSupport.parkNanos(LOOKED_EVERY_NANOS);
          }
          String key = Facts.key(event);
          int partition = side.partitionOf(key);
          // Nobody else writes, so the offset is known before the broker tells it.
          told.sent(partition, next[partition]++, due);
          producer.send(
              EventRecords.of(
                  side.clients(), Facts.CODEC, Facts.CODEC.topic(), partition, key, event));
        }
      }
    }
  }
}
