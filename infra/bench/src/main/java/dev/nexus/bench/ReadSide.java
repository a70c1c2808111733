package dev.nexus.bench;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/// The read side alone: a broker, a Redis and a projector on this machine, nothing else, and the
/// floors under it by the bare clients.
final class ReadSide implements AutoCloseable {
  private static final int INTERLEAVED = 64;
  private static final int UNDER_WAY = 10_000;

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
    return KeyPartition.of(key, partitions.size());
  }

  /// Writes facts of executions that ended.
  void preload(String name, int facts) {
    preload(Math.ceilDiv(facts, Facts.EACH), number -> Facts.of(name, number));
  }

  /// Writes the facts of so many executions, many of them going on at a time.
  void preload(int executions, LongFunction<List<Event<ExecutionEvent>>> make) {
    try (KafkaProducer<String, byte[]> producer = clients.producer("bench-preload")) {
      for (long first = 0; first < executions; first += INTERLEAVED) {
        List<List<Event<ExecutionEvent>>> group =
            LongStream.range(first, Math.min(first + INTERLEAVED, executions))
                .mapToObj(make)
                .toList();
        for (int fact = 0; fact < group.getFirst().size(); fact++) {
          for (var execution : group) {
            var event = execution.get(fact);
            producer.send(EventRecords.of(clients, Facts.CODEC, Facts.key(event), event));
          }
        }
      }
    }
  }

  /// Variables of a part beside this broker and this Redis that keeps its files in `directory`.
  Map<String, String> variables(String directory) {
    return Map.of(
        Setting.KAFKA_BOOTSTRAP_SERVERS.variable(),
        broker.bootstrapServers(),
        Setting.REDIS_URL.variable(),
        server.url(),
        Setting.DATA_DIR.variable(),
        directory(directory).toString());
  }

  /// A directory of this benchmark.
  Path directory(String name) {
    return directory.resolve(name);
  }

  Map<TopicPartition, Long> ends() {
    try (var consumer = clients.assignedConsumer("bench-ends")) {
      return consumer.endOffsets(partitions);
    }
  }

  long length() {
    return ends().values().stream().mapToLong(Long::longValue).sum();
  }

  /// Facts that a projector has brought to Redis.
  long folded() {
    try (var store = new ProjectionStore(redis, "bench")) {
      return partitions.stream()
          .map(p -> store.position(new Slot(p.topic(), p.partition())))
          .mapToLong(at -> at instanceof StoredPosition.At known ? known.mark().next() : 0)
          .sum();
    }
  }

  void wipe() {
    try (var connection = redis.connect()) {
      connection.sync().flushall();
    }
  }

  BareProjector start(String instance) {
    return new BareProjector(clients, redis, instance);
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

  /// A number that Redis tells of itself.
  double info(String section, String name) {
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
