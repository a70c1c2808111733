package dev.nexus.projector.bench;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.projector.Projections;
import dev.nexus.projector.Story;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.ProjectionReader;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.lettuce.core.RedisClient;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/// Ingest, rebuild and visibility, with their floors, everything in one JVM on this machine:
/// `IngestBench [events] [rebuilds] [live seconds]`. Started by hand.
public final class IngestBench {
  private static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final int CONCURRENT = 64;
  private static final int FACTS = 8;

  private final KafkaClients clients;
  private final RedisClient redis;
  private final List<TopicPartition> partitions = new ArrayList<>();

  private IngestBench(KafkaClients clients, RedisClient redis) {
    this.clients = clients;
    this.redis = redis;
    for (int i = 0; i < Profile.EMBEDDED.executionPartitions(); i++) {
      partitions.add(new TopicPartition(clients.name(Topic.EXECUTIONS), i));
    }
  }

  public static void main(String[] args) throws Exception {
    int events = args.length > 0 ? Integer.parseInt(args[0]) : 400_000;
    int rebuilds = args.length > 1 ? Integer.parseInt(args[1]) : 4;
    int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 10;
    Path directory = Files.createTempDirectory("ingest-bench");
    try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
        EmbeddedRedis server = EmbeddedRedis.start(directory.resolve("redis"))) {
      RedisClient redis = RedisClient.create(server.url());
      var clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
      new TopicTable(clients, Profile.EMBEDDED, false).create();
      var bench = new IngestBench(clients, redis);
      bench.preload(events);
      bench.floors();
      for (int i = 0; i < rebuilds; i++) {
        bench.rebuild(i);
      }
      bench.live(seconds);
      redis.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
    System.exit(0);
  }

  private void preload(int events) {
    long from = System.nanoTime();
    long bytes = 0;
    int written = 0;
    try (KafkaProducer<String, byte[]> producer = clients.producer("preload")) {
      for (int group = 0; written < events; group++) {
        List<Story> stories = new ArrayList<>();
        for (int i = 0; i < CONCURRENT; i++) {
          stories.add(story("e" + group + "-" + i, group * 60 + i));
        }
        for (int fact = 0; fact < FACTS; fact++) {
          for (Story story : stories) {
            var event = story.facts().get(fact);
            var record = EventRecords.of(clients, CODEC, key(event), event);
            bytes += record.value().length;
            var unused = producer.send(record);
            written++;
          }
        }
      }
    }
    report("preloaded", written, from);
    System.out.printf("bytes a fact %.0f%n", (double) bytes / written);
  }

  /// Eight facts, as a router writes them.
  private static Story story(String name, int i) {
    Story story =
        Story.of(name, "triage", Story.BEGIN.plusMillis(i))
            .answeredByModel("classify", "{\"event\":\"issues\",\"action\":\"opened\"}")
            .truth("{\"event\":\"issues\",\"action\":\"opened\"}");
    story.facts().add(2, story.facts().get(2));
    List<Event<ExecutionEvent>> real = new ArrayList<>();
    for (int n = 0; n < FACTS; n++) {
      Event<ExecutionEvent> fact = story.facts().get(n);
      Envelope e = fact.envelope();
      real.add(
          new Event<>(
              new Envelope(
                  e.eventId(),
                  e.occurredAt(),
                  e.tenantId(),
                  e.appId(),
                  e.executionId(),
                  n + 1,
                  e.eventId().toString(),
                  e.correlationId(),
                  "key:abcdefgh",
                  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                  new Position("nexus.outcomes", 1, n)),
              fact.body()));
    }
    story.facts().clear();
    story.facts().addAll(real);
    return story;
  }

  private static String key(Event<ExecutionEvent> event) {
    return Keys.execution(event.envelope().tenantId(), event.envelope().execution());
  }

  private void floors() {
    for (int round = 0; round < 2; round++) {
      for (boolean decode : new boolean[] {false, true}) {
        try (var consumer = clients.assignedConsumer("floor", 1_000)) {
          consumer.assign(partitions);
          consumer.seekToBeginning(partitions);
          long end = ends().values().stream().mapToLong(Long::longValue).sum();
          long from = System.nanoTime();
          long read = 0;
          long sequences = 0;
          while (read < end) {
            for (var record : consumer.poll(Duration.ofMillis(100))) {
              read++;
              sequences += decode ? CODEC.decode(record.value()).envelope().sequence() : 1;
            }
          }
          report(decode ? "floor: read and decode" : "floor: read", read, from);
          if (sequences == 0) {
            throw new IllegalStateException();
          }
        }
      }
    }
  }

  private Map<TopicPartition, Long> ends() {
    try (var consumer = clients.assignedConsumer("ends")) {
      return consumer.endOffsets(partitions);
    }
  }

  private record Projector(ProjectionReader reader, Progress progress, EventProducer producer)
      implements AutoCloseable {
    @Override
    public void close() {
      reader.close();
      progress.close();
      producer.close();
    }
  }

  private Projector projector(String instance) {
    var progress = new Progress(redis, instance);
    var producer = new EventProducer(clients, instance);
    var reader =
        new ProjectionReader(
            instance,
            new Projection(
                Projections.executions(Settings.of(Map.of())),
                clients,
                redis,
                progress,
                new DeadLetters(producer, instance, Clock.systemUTC()),
                Clock.systemUTC(),
                instance));
    return new Projector(reader, progress, producer);
  }

  private void rebuild(int round) {
    try (var connection = redis.connect()) {
      connection.sync().flushall();
      connection.sync().configResetstat();
    }
    Map<TopicPartition, Long> ends = ends();
    long end = ends.values().stream().mapToLong(Long::longValue).sum();
    try (Projector own = projector("rebuild-" + round)) {
      long cpu = processCpu();
      double redisCpu = redisCpu();
      Map<String, Long> threads = threadCpus();
      long from = System.nanoTime();
      own.reader().start();
      awaitFolded(own.progress(), ends);
      report("rebuild " + round, end, from);
      reportCpu(end, cpu, redisCpu, threads);
    }
    try (var connection = redis.connect()) {
      connection
          .sync()
          .info("memory")
          .lines()
          .filter(l -> l.startsWith("used_memory_human"))
          .forEach(System.out::println);
    }
  }

  private void reportCpu(long events, long cpu, double redisCpu, Map<String, Long> threads) {
    System.out.printf(
        "  CPU us an event: JVM %.2f, Redis %.2f%n",
        (processCpu() - cpu) / 1e3 / events, (redisCpu() - redisCpu) * 1e6 / events);
    threadCpus().entrySet().stream()
        .map(e -> Map.entry(e.getKey(), e.getValue() - threads.getOrDefault(e.getKey(), 0L)))
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(7)
        .forEach(
            e -> System.out.printf("    %-60s %.2f%n", e.getKey(), e.getValue() / 1e3 / events));
  }

  private double redisCpu() {
    try (var connection = redis.connect()) {
      return connection
          .sync()
          .info("cpu")
          .lines()
          .filter(line -> line.startsWith("used_cpu_user:") || line.startsWith("used_cpu_sys:"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)))
          .sum();
    }
  }

  private static Map<String, Long> threadCpus() {
    var threads = java.lang.management.ManagementFactory.getThreadMXBean();
    Map<String, Long> cpus = new HashMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      cpus.merge(
          thread.getName().replaceAll("[0-9]+", "N"),
          threads.getThreadCpuTime(thread.threadId()),
          Long::sum);
    }
    return cpus;
  }

  private static long processCpu() {
    return ((com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void awaitFolded(Progress progress, Map<TopicPartition, Long> ends) {
    while (!ends.entrySet().stream()
        .allMatch(
            e ->
                progress
                        .mark(new Slot(e.getKey().topic(), e.getKey().partition()))
                        .map(Mark::next)
                        .orElse(0L)
                    >= e.getValue())) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private record Sample(int partition, long offset, long sentNanos) {}

  /// 10,000 facts a second, and how long after the send Redis has them.
  private void live(int seconds) {
    Map<TopicPartition, Long> ends = ends();
    Map<Integer, ConcurrentLinkedQueue<Sample>> open = new HashMap<>();
    partitions.forEach(p -> open.put(p.partition(), new ConcurrentLinkedQueue<>()));
    List<Long> latencies = java.util.Collections.synchronizedList(new ArrayList<>());
    try (Projector own = projector("live");
        var pubsub = redis.connectPubSub()) {
      pubsub.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
              settle(open, latencies, channel, message);
            }
          });
      partitions.forEach(
          p -> pubsub.sync().subscribe("_:progress:" + p.topic() + "/" + p.partition()));
      own.reader().start();
      awaitFolded(own.progress(), ends);
      double redisCpu = redisCpu();
      Map<String, Long> threads = threadCpus();
      long cpu = processCpu();
      writePaced(seconds, open);
      reportCpu(seconds * 10_000L, cpu, redisCpu, threads);
      awaitFolded(own.progress(), ends());
    }
    long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
    System.out.printf(
        "visible after send, us: n=%d p50=%d p90=%d p99=%d max=%d%n",
        sorted.length,
        sorted[sorted.length / 2],
        sorted[sorted.length * 9 / 10],
        sorted[sorted.length * 99 / 100],
        sorted[sorted.length - 1]);
  }

  private static void settle(
      Map<Integer, ConcurrentLinkedQueue<Sample>> open,
      List<Long> latencies,
      String channel,
      String message) {
    long now = System.nanoTime();
    int partition = Integer.parseInt(channel.substring(channel.lastIndexOf('/') + 1));
    long next = Long.parseLong(message.split(" ")[2]);
    var samples = open.get(partition);
    for (Sample s = samples.peek(); s != null && s.offset() < next; s = samples.peek()) {
      latencies.add((now - samples.remove().sentNanos()) / 1_000);
    }
  }

  private void writePaced(int seconds, Map<Integer, ConcurrentLinkedQueue<Sample>> open) {
    long from = System.nanoTime();
    long written = 0;
    try (KafkaProducer<String, byte[]> producer = clients.producer("live-writer")) {
      for (int group = 0; System.nanoTime() - from < seconds * 1_000_000_000L; group++) {
        for (int i = 0; i < 8; i++) {
          for (Event<ExecutionEvent> event :
              story("live" + group + "-" + i, 10_000_000 + group * 8 + i).facts()) {
            long due = from + written * 100_000;
            while (System.nanoTime() < due) {
              LockSupport.parkNanos(50_000);
            }
            long sent = System.nanoTime();
            var unused =
                producer.send(
                    EventRecords.of(clients, CODEC, key(event), event),
                    (meta, failure) ->
                        open.get(meta.partition())
                            .add(new Sample(meta.partition(), meta.offset(), sent)));
            written++;
          }
        }
      }
      report("live written", written, from);
    }
  }

  private static void report(String what, long events, long from) {
    double seconds = (System.nanoTime() - from) / 1e9;
    System.out.printf("%s: %d in %.2f s = %.0f/s%n", what, events, seconds, events / seconds);
  }
}
