package dev.nexus.platform.stream;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.platform.stream.RecordSink.Outgoing;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What makes a decision atomic where there are no transactions: the broker appends a batch whole
/// or not at all, so the facts of one decision must be in one. Only the files of a broker say how
/// its batches were. Sizes and commits are drawn by a seed that is printed; `-Dnexus.seed=…`
/// repeats one.
class BatchedWritesIT {
  private static final int MIB = 1 << 20;

  /// Most that the facts of one decision have: a result of 4 MiB is in two of them.
  private static final int LARGEST_DECISION = 8 * MIB + 64 * 1024;

  private Random random = new Random();

  @TempDir Path directory;
  private EmbeddedBroker broker;
  private KafkaClients clients;
  private RecordSink sink;

  /// Keys of the facts in the order of their writing, the decision of each, and where the sink said
  /// that it stands.
  private final List<String> written = new ArrayList<>();

  private final Map<String, Integer> decisions = new HashMap<>();
  private final List<String> followed = new ArrayList<>();
  private final Map<String, Long> told = Collections.synchronizedMap(new HashMap<>());
  private int decided;

  @BeforeEach
  void begin() {
    broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
    new TopicTable(clients, Profile.EMBEDDED, false).create();
    sink = RecordSink.open(clients, BrokerAccess.OWN, "router-0");
  }

  @AfterEach
  void end() {
    sink.close();
    broker.close();
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldWriteTheFactsOfADecisionInOneBatch(long seed) throws IOException {
    // Given
    Seeds.print("BatchedWritesIT", seed);
    random = new Random(seed);

    // When
    for (int round = 0; round < Scale.of(12); round++) {
      manyTiny();
      mayCommit();
      aboutOneBatch(between(2, 10));
      mayCommit();
      aboutOneBatch(between(500, 5_000));
      mayCommit();
      aboutOneBatch(between(500, 5_000));
      mayCommit();
      decide(1 + random.nextInt(6), between(3 * MIB / 2, 8 * MIB));
      mayCommit();
    }
    decide(2, LARGEST_DECISION);
    sink.commit();
    sink.close();
    broker.close();

    // Then
    List<List<String>> batches = batches(Topic.EXECUTIONS);
    Map<Integer, List<Integer>> spread = new HashMap<>();
    List<String> found = new ArrayList<>();
    for (int batch = 0; batch < batches.size(); batch++) {
      for (String key : batches.get(batch)) {
        found.add(key);
        List<Integer> of = spread.computeIfAbsent(decisions.get(key), _ -> new ArrayList<>());
        if (of.isEmpty() || of.getLast() != batch) {
          of.add(batch);
        }
      }
    }
    assertThat(found.equals(written)).as("all facts, once and in order, seed %d", seed).isTrue();
    spread.forEach(
        (decision, in) -> assertThat(in).as("batches of %d, seed %d", decision, seed).hasSize(1));
    assertThat(batches.size()).as("several decisions a batch").isLessThan(decided / 10);
    assertThat(IntStream.range(0, written.size()))
        .as("what the sink told, seed %d", seed)
        .allMatch(at -> told.getOrDefault(written.get(at), -1L).intValue() == at);
    assertThat(Stream.of(Topic.TASKS_CODE, Topic.REPLIES).flatMap(this::keys).sorted().toList())
        .isEqualTo(followed.stream().sorted().toList());
  }

  private void mayCommit() {
    if (random.nextInt(3) == 0) {
      sink.commit();
    }
  }

  private int between(int least, int most) {
    return least + random.nextInt(most - least);
  }

  /// More than a batch holds together, so that one ends among them.
  private void manyTiny() {
    int decisions = between(500, 2_500);
    for (int i = 0; i < decisions; i++) {
      int facts = 1 + random.nextInt(5);
      decide(facts, facts * random.nextInt(400));
      if (random.nextInt(1_000) == 0) {
        sink.commit();
      }
    }
  }

  /// A decision of which only what records take besides their values says whether it fits a batch.
  private void aboutOneBatch(int facts) {
    decide(facts, MIB - facts * random.nextInt(100) + between(-1024, 1024));
  }

  /// Writes a decision with this many facts, the values of which have `bytes` together.
  private void decide(int facts, int bytes) {
    int decision = decided++;
    List<Outgoing> records = new ArrayList<>();
    int left = bytes;
    for (int fact = 0; fact < facts; fact++) {
      String key = decision + "/" + fact;
      int size = fact == facts - 1 ? left : random.nextInt(2 * left / (facts - fact) + 1);
      size = Math.min(size, left);
      left -= size;
      written.add(key);
      decisions.put(key, decision);
      records.add(new Outgoing(record(Topic.EXECUTIONS, key, size), (_, at) -> told.put(key, at)));
      if (random.nextInt(facts) == 0) {
        Topic topic = random.nextBoolean() ? Topic.TASKS_CODE : Topic.REPLIES;
        followed.add(key);
        records.add(new Outgoing(record(topic, key, random.nextInt(2) * size)));
      }
    }
    sink.write(records);
  }

  private ProducerRecord<String, byte[]> record(Topic topic, String key, int size) {
    var record = new ProducerRecord<>(clients.name(topic), 0, key, new byte[size]);
    for (int header = random.nextInt(4); header > 0; header--) {
      record.headers().add("h" + header, new byte[random.nextInt(8)]);
    }
    return record;
  }

  private Stream<String> keys(Topic topic) {
    try {
      return batches(topic).stream().flatMap(List::stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Keys of the records on the first partition of a topic, batch by batch.
  private List<List<String>> batches(Topic topic) throws IOException {
    Path partition = directory.resolve("kafka").resolve(clients.name(topic) + "-0");
    List<List<String>> batches = new ArrayList<>();
    try (Stream<Path> files = Files.list(partition)) {
      var segments = files.filter(f -> f.toString().endsWith(".log"));
      for (Path segment : segments.sorted(comparing(Path::toString)).toList()) {
        try (FileRecords records = FileRecords.open(segment.toFile(), false)) {
          for (RecordBatch batch : records.batches()) {
            batches.add(keys(batch));
          }
        }
      }
    }
    return batches;
  }

  private static List<String> keys(RecordBatch batch) {
    List<String> keys = new ArrayList<>();
    for (Record record : batch) {
      keys.add(StandardCharsets.UTF_8.decode(record.key()).toString());
    }
    return keys;
  }
}
