package dev.nexus.projector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink.Outgoing;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.platform.stream.Transaction;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// A log of facts in one partition that loses its end: that is cut off the files of its broker,
/// which is down meanwhile and then recovers as after kill -9.
public final class CutLog implements AutoCloseable {
  private static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Bytes of a batch before those that its length counts.
  private static final int HEAD = 12;

  private static final String OWNER = "router-0";

  private final Path directory;
  private EmbeddedBroker broker;
  private KafkaClients clients;

  /// @param directory of the broker
  public CutLog(Path directory) {
    this.directory = directory;
    this.broker = EmbeddedBroker.start(directory, 0);
    this.clients = clients(broker);
    new TopicTable(clients, new Profile(1, 1, 1, 1, 1), false).create();
  }

  private static KafkaClients clients(EmbeddedBroker broker) {
    return new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
  }

  private void start(int port) {
    broker = EmbeddedBroker.start(directory, port);
    clients = clients(broker);
  }

  public KafkaClients clients() {
    return clients;
  }

  /// Facts of some executions, one after the other.
  public static List<Event<ExecutionEvent>> facts(String name, int executions) {
    return IntStream.range(0, executions)
        .mapToObj(i -> Story.of(name + i).answeredByModel("classify", "1").truth("1").facts())
        .flatMap(List::stream)
        .toList();
  }

  private ProducerRecord<String, byte[]> record(Event<ExecutionEvent> fact) {
    var envelope = fact.envelope();
    String key = Keys.execution(envelope.tenantId(), envelope.execution());
    return EventRecords.of(clients, CODEC, key, fact);
  }

  /// Each in a batch of its own.
  public void write(List<Event<ExecutionEvent>> facts) {
    try (EventProducer producer = new EventProducer(clients, "cut-log")) {
      facts.forEach(fact -> producer.send(record(fact)).join());
    }
  }

  /// Each in a transaction of its own, as to brokers that others write to as well: behind each
  /// stands the end of its transaction, which is no record. First ends what was left open.
  public void writeInTransactions(List<Event<ExecutionEvent>> facts) {
    try (Transaction owner = new Transaction(clients, OWNER)) {
      for (Event<ExecutionEvent> fact : facts) {
        owner.write(List.of(new Outgoing(record(fact))));
        owner.commit();
      }
    }
    awaitEnds();
  }

  /// A fact that no reader sees, and the end of its transaction.
  public void abort(Event<ExecutionEvent> fact) {
    try (var producer = clients.transactionalProducer(OWNER)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(record(fact));
      producer.flush();
      producer.abortTransaction();
    }
    awaitEnds();
  }

  /// A commit is done before its end stands on the log.
  private void awaitEnds() {
    Eventually.holds(
        () -> {
          try (var consumer = clients.uncommittedConsumer("cut-log", 1)) {
            assertThat(end()).as("what readers see").isEqualTo(end(consumer));
          }
        });
  }

  /// Where it ends for readers of what is committed.
  public long end() {
    try (var consumer = clients.assignedConsumer("cut-log")) {
      return end(consumer);
    }
  }

  private long end(KafkaConsumer<String, byte[]> consumer) {
    var facts = new TopicPartition(clients.name(Topic.EXECUTIONS), 0);
    return consumer.endOffsets(List.of(facts)).getOrDefault(facts, -1L);
  }

  /// Has the broker begin anew, which loses nothing.
  public void restart() {
    broker.close();
    start(broker.port());
  }

  /// Has the broker come back without the newer half of the batches of facts.
  public void losePower() throws IOException {
    broker.close();
    cutHalf();
    start(broker.port());
  }

  /// Has the broker come back without so many of the newest batches; the end of a transaction is
  /// one.
  public void losePower(int batches) throws IOException {
    broker.close();
    List<Integer> ends = ends();
    cutTo(ends.get(ends.size() - 1 - batches));
    start(broker.port());
  }

  /// The same for the newer half, and has the log grow where nobody sees it before it comes back.
  public void losePowerAndGrowUnseen(List<Event<ExecutionEvent>> facts) throws IOException {
    int port = broker.port();
    broker.close();
    cutHalf();
    start(0);
    write(facts);
    broker.close();
    start(port);
    assertThat(broker.port()).isEqualTo(port);
  }

  private void cutHalf() throws IOException {
    List<Integer> ends = ends();
    int half = ends.getLast() / 2;
    cutTo(ends.stream().filter(end -> end >= half).findFirst().orElseThrow());
  }

  private Path partition() {
    return directory.resolve(clients.name(Topic.EXECUTIONS) + "-0");
  }

  private Path segment() {
    return partition().resolve("00000000000000000000.log");
  }

  /// Where each batch ends in the file.
  private List<Integer> ends() throws IOException {
    ByteBuffer batches = ByteBuffer.wrap(Files.readAllBytes(segment()));
    List<Integer> ends = new ArrayList<>();
    int at = 0;
    while (at < batches.capacity()) {
      at += HEAD + batches.getInt(at + 8);
      ends.add(at);
    }
    return ends;
  }

  private void cutTo(int end) throws IOException {
    Files.delete(directory.resolve(".kafka_cleanshutdown"));
    try (FileChannel file = FileChannel.open(segment(), StandardOpenOption.WRITE)) {
      file.truncate(end);
    }
    try (Stream<Path> files = Files.list(partition())) {
      for (Path file : files.filter(f -> f.toString().endsWith(".snapshot")).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() {
    broker.close();
  }
}
