package dev.nexus.bench;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.projector.Projections;
import dev.nexus.projector.rebuild.Rebuilds;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.ProjectionReader;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

/// The read side alone: a broker, a Redis and a projector on this machine, nothing else, and the
/// floors under it by the bare clients.
final class ReadSide implements AutoCloseable {
  private static final int INTERLEAVED = 64;
  private static final int UNDER_WAY = 10_000;

  /// Nobody reads here, so what a rebuild replaced need not stay for long.
  private static final Duration READ_ON = Duration.ofMillis(300);

  private final Path directory;
  private final EmbeddedBroker broker;
  private final EmbeddedRedis server;
  private final RedisClient redis;
  private final KafkaClients clients;
  private final List<TopicPartition> partitions = new ArrayList<>();

  ReadSide() throws IOException {
    directory = Files.createTempDirectory("nexus-bench");
    broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    server = EmbeddedRedis.start(directory.resolve("redis"));
    redis = RedisClient.create(server.url());
    clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
    new TopicTable(clients, Profile.EMBEDDED, false).create();
    for (int i = 0; i < Profile.EMBEDDED.executionPartitions(); i++) {
      partitions.add(new TopicPartition(clients.name(Topic.EXECUTIONS), i));
    }
  }

  KafkaClients clients() {
    return clients;
  }

  RedisClient redis() {
    return redis;
  }

  List<TopicPartition> partitions() {
    return partitions;
  }

  int partitionOf(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(bytes)) % partitions.size();
  }

  /// Writes facts of executions, many of them going on at a time; gives facts a second, which is
  /// what a plain producer reaches here.
  double preload(String name, int facts) {
    long from = System.nanoTime();
    int written = 0;
    try (KafkaProducer<String, byte[]> producer = clients.producer("bench-preload")) {
      for (long group = 0; written < facts; group++) {
        List<List<Event<ExecutionEvent>>> executions = new ArrayList<>();
        for (int i = 0; i < INTERLEAVED; i++) {
          executions.add(Facts.of(name, group * INTERLEAVED + i));
        }
        for (int fact = 0; fact < Facts.EACH; fact++) {
          for (var execution : executions) {
            var event = execution.get(fact);
            producer.send(EventRecords.of(clients, Facts.CODEC, Facts.key(event), event));
            written++;
          }
        }
      }
    }
    return perSecond(written, from);
  }

  Map<TopicPartition, Long> ends() {
    try (var consumer = clients.assignedConsumer("bench-ends")) {
      return consumer.endOffsets(partitions);
    }
  }

  long length() {
    return ends().values().stream().mapToLong(Long::longValue).sum();
  }

  void wipe() {
    try (var connection = redis.connect()) {
      connection.sync().flushall();
    }
  }

  /// Projectors of executions, as in a process of their own.
  Running start(String instance) {
    return new Running(instance);
  }

  final class Running implements AutoCloseable {
    private final Progress progress;
    private final EventProducer producer;
    private final ProjectionReader reader;
    private final Rebuilds rebuilds;

    Running(String instance) {
      progress = new Progress(redis, instance);
      producer = new EventProducer(clients, instance);
      var projection =
          new Projection(
              Projections.executions(Settings.of(Map.of())),
              clients,
              redis,
              progress,
              new DeadLetters(producer, instance, Clock.systemUTC()),
              Clock.systemUTC(),
              instance);
      reader = new ProjectionReader(instance, projection);
      rebuilds = new Rebuilds(projection, true, READ_ON);
      reader.start();
    }

    /// Returns when everything on the log is in Redis.
    void awaitFolded() {
      Map<TopicPartition, Long> ends = ends();
      while (!ends.entrySet().stream().allMatch(e -> folded(e.getKey()) >= e.getValue())) {
        LockSupport.parkNanos(1_000_000);
      }
    }

    private long folded(TopicPartition partition) {
      return progress
          .mark(new Slot(partition.topic(), partition.partition()))
          .map(Mark::next)
          .orElse(0L);
    }

    Rebuilds rebuilds() {
      return rebuilds;
    }

    @Override
    public void close() {
      rebuilds.close();
      reader.close();
      progress.close();
      producer.close();
    }
  }

  /// Facts a second of a plain consumer that reads the whole topic and looks at nothing.
  double bareConsumer() {
    long length = length();
    try (var consumer = clients.assignedConsumer("bench-floor", 1_000)) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long from = System.nanoTime();
      long read = 0;
      while (read < length) {
        read += consumer.poll(Duration.ofMillis(100)).count();
      }
      return perSecond(read, from);
    }
  }

  /// Bytes that clients sent to Redis so far.
  long redisInput() {
    return (long) info("stats", "total_net_input_bytes");
  }

  /// Processor time of Redis so far, microseconds.
  double redisCpuMicros() {
    return (info("cpu", "used_cpu_user") + info("cpu", "used_cpu_sys")) * 1e6;
  }

  private double info(String section, String name) {
    try (var connection = redis.connect()) {
      return connection
          .sync()
          .info(section)
          .lines()
          .filter(line -> line.startsWith(name + ":"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1).strip()))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("INFO of Redis lacks " + name));
    }
  }

  /// Facts a second at which a plain pipeline of SETs brings as many bytes as so many facts did.
  double barePipeline(long facts, long bytes) {
    byte[] value = new byte[Math.toIntExact(Math.max(1, bytes / facts))];
    try (var connection = redis.connect(ByteArrayCodec.INSTANCE)) {
      connection.setAutoFlushCommands(false);
      long from = System.nanoTime();
      List<RedisFuture<String>> asked = new ArrayList<>(UNDER_WAY);
      for (long i = 0; i < facts; i++) {
        byte[] name = ("floor:" + i % 100_000).getBytes(StandardCharsets.US_ASCII);
        asked.add(connection.async().set(name, value));
        if (asked.size() == UNDER_WAY || i + 1 == facts) {
          connection.flushCommands();
          LettuceFutures.awaitAll(Duration.ofMinutes(1), asked.toArray(RedisFuture[]::new));
          asked.clear();
        }
      }
      return perSecond(facts, from);
    }
  }

  static double perSecond(long count, long fromNanos) {
    return count * 1e9 / (System.nanoTime() - fromNanos);
  }

  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  @Override
  public void close() throws IOException {
    redis.shutdown(0, 1, TimeUnit.SECONDS);
    server.close();
    broker.close();
    ChildPlatform.deleteTree(directory);
  }
}
