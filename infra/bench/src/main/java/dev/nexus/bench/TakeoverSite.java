package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// A broker that outlives every router and executor beside it, an application on its log, a caller
/// and a reader of facts.
final class TakeoverSite implements AutoCloseable {
  static final EventCodec<ExecutionEvent> FACTS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Enough partitions that each of two routers has some.
  private static final Profile SPREAD = new Profile(8, 1, 1, 1, 1);

  private static final String APP = "bench";
  private static final String DIGEST = "bench-1";
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path directory;
  private final EmbeddedBroker broker;
  private final Map<String, String> settings = new HashMap<>();
  private final KafkaClients clients;
  private final EventProducer producer;
  private final KafkaConsumer<String, byte[]> facts;
  private int directories;

  TakeoverSite(Duration lease) throws IOException {
    directory = Files.createTempDirectory("nexus-bench");
    broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    settings.put(Setting.KAFKA_BOOTSTRAP_SERVERS.variable(), broker.bootstrapServers());
    settings.put(Setting.LEASE.variable(), lease.toMillis() + "ms");
    clients = new KafkaClients(settings());
    new TopicTable(clients, SPREAD, false).create();
    producer = new EventProducer(clients, "bench");
    facts = clients.assignedConsumer("bench-facts");
    List<TopicPartition> partitions = new ArrayList<>();
    for (int i = 0; i < SPREAD.executionPartitions(); i++) {
      partitions.add(new TopicPartition(clients.name(Topic.EXECUTIONS), i));
    }
    facts.assign(partitions);
    publish();
  }

  private void publish() {
    var application =
        new ApplicationDefinition(
            APP,
            "Benchmark",
            "1",
            List.of(
                component("echo", HandlerType.BUILTIN, Map.of("function", new TextNode("echo"))),
                component("ask", HandlerType.LLM, Map.of("template", new TextNode("?")))),
            List.of(),
            List.of(),
            Map.of());
    var published =
        new DefinitionEvent.VersionPublished(DIGEST, "r1", CanonicalJson.toJson(application));
    producer
        .send(
            EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class),
            Keys.version(TenantId.DEFAULT, APP, DIGEST),
            new Event<>(envelope(), published))
        .join();
  }

  private static ComponentDefinition component(
      String name, HandlerType type, Map<String, com.fasterxml.jackson.databind.JsonNode> details) {
    return new ComponentDefinition(
        name,
        "",
        type,
        details,
        CanonicalJson.read("{}"),
        CanonicalJson.read("{}"),
        "equal",
        "model",
        Duration.ofMinutes(5),
        new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(50)),
        PromotionPolicy.OFF);
  }

  private static Envelope envelope() {
    return Envelope.of(UUID.randomUUID(), Instant.now(), TenantId.DEFAULT, APP, "service:bench");
  }

  KafkaClients clients() {
    return clients;
  }

  /// Variables of a part that keeps its files in a directory of its own.
  Map<String, String> variables() {
    Map<String, String> own = new HashMap<>(settings);
    own.put(Setting.DATA_DIR.variable(), directory.resolve("part" + directories++).toString());
    return own;
  }

  Settings settings() {
    return Settings.of(variables());
  }

  int partitions() {
    return facts.assignment().size();
  }

  /// Asks for an execution and gives its id at once.
  String ask(String component, String name) {
    ExecutionId id = new ExecutionId(NameIds.uuid5("bench-takeover", name));
    var request =
        new InvokeRequested(
            component,
            DIGEST,
            new Json("{}"),
            NameIds.sha256("{}"),
            Duration.ZERO,
            ReplyAddress.NOBODY,
            "bench");
    var unused =
        producer.send(
            EventCodec.of(Topic.REQUESTS, RequestEvent.class),
            Keys.execution(TenantId.DEFAULT, id),
            new Event<>(envelope().withExecution(id), request));
    return id.toString();
  }

  /// From here on only facts yet to come are looked at.
  void lookFromHere() {
    facts.seekToEnd(facts.assignment());
    facts.assignment().forEach(facts::position);
  }

  interface Seen {
    void seen(ConsumerRecord<String, byte[]> record, Event<ExecutionEvent> fact);
  }

  /// Shows what has come since it was last asked, waiting a moment for it.
  void look(Seen seen) {
    facts.poll(POLL).forEach(record -> seen.seen(record, FACTS.decode(record.value())));
  }

  /// Waits for a fact; gives when it was seen, in nanoseconds of this JVM.
  long await(Predicate<Event<ExecutionEvent>> wanted) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long[] at = {0};
    while (at[0] == 0) {
      look((record, fact) -> at[0] = at[0] == 0 && wanted.test(fact) ? System.nanoTime() : at[0]);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("a fact did not come within " + PATIENCE);
      }
    }
    return at[0];
  }

  @Override
  public void close() throws IOException {
    facts.close();
    producer.close();
    broker.close();
    ChildPlatform.deleteTree(directory);
  }
}
