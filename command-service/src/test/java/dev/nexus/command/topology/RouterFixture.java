package dev.nexus.command.topology;

import com.fasterxml.jackson.databind.node.TextNode;
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
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.Stage;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// An application on the log, a caller and an executor in the test's hands, and routers to start.
final class RouterFixture implements AutoCloseable {
  static final String APP = "orders";
  static final String DIGEST = "d1";
  static final TenantId TENANT = TenantId.DEFAULT;

  private final BrokerExtension broker;
  private final BrokerAccess access;
  private final KafkaClients clients;
  private final EventProducer producer;
  private final DeadLetters deadLetters;
  private final DefinitionCatalog catalog;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Map<Path, Snapshots> snapshots = new HashMap<>();
  private @Nullable Routes routes;

  RouterFixture(BrokerExtension broker) {
    this(broker, BrokerAccess.SHARED);
  }

  /// @param access as which its routers write
  RouterFixture(BrokerExtension broker, BrokerAccess access) {
    this.broker = broker;
    this.access = access;
    this.clients = broker.clients();
    this.producer = new EventProducer(clients, "test");
    this.deadLetters = new DeadLetters(producer, "router", Clock.systemUTC());
    this.catalog = new DefinitionCatalog(broker.clients(), "router-test", deadLetters).start();
  }

  EventProducer producer() {
    return producer;
  }

  /// How many executions count as ended, in hand-driven partitions.
  long counted(String result) {
    return Measure.EXECUTION.timer(meters, result).count();
  }

  DefinitionCatalog catalog() {
    return catalog;
  }

  /// Another one, on clients of its own.
  DefinitionCatalog catalog(KafkaClients own) {
    return new DefinitionCatalog(own, "other-router-test", deadLetters).start();
  }

  Settings settings(Path directory, Map<String, String> more) {
    Settings settings = broker.settings(more);
    return settings.with(Setting.DATA_DIR, directory.toString());
  }

  /// What hand-driven partitions share, with the routes and definitions sent so far.
  RouterContext context(Path directory, RouterContext.Sinks sinks, RouterContext.Limits limits) {
    return context(directory, sinks, limits, Clock.systemUTC());
  }

  RouterContext context(
      Path directory, RouterContext.Sinks sinks, RouterContext.Limits limits, Clock clock) {
    return context(directory, sinks, limits, clock, catalog);
  }

  /// The same with definitions that are read in another way.
  RouterContext context(
      Path directory,
      RouterContext.Sinks sinks,
      RouterContext.Limits limits,
      Clock clock,
      DefinitionCatalog definitions) {
    if (routes == null) {
      routes = new Routes(clients, deadLetters);
      routes.start();
      routes.awaitCaughtUp(Duration.ofMinutes(2));
      catalog.awaitCaughtUp(Duration.ofMinutes(2));
    }
    return new RouterContext(
        clients,
        sinks,
        definitions,
        new Plans(definitions, routes, Duration.ofMinutes(10)),
        routes,
        deadLetters,
        snapshots(directory),
        new ExecutionTimes(meters),
        clock,
        "log",
        directory,
        limits);
  }

  /// Sinks of the fixture's own access.
  RouterContext.Sinks sinks() {
    return sinks(access);
  }

  RouterContext.Sinks sinks(BrokerAccess access) {
    return partition -> RecordSink.open(clients, access, "router-" + partition);
  }

  static RouterContext.Limits limits() {
    return new RouterContext.Limits(
        Duration.ofSeconds(30), Duration.ofHours(24), Duration.ofHours(1), false, 4_096);
  }

  KafkaClients clients() {
    return clients;
  }

  BrokerExtension broker() {
    return broker;
  }

  /// The partition on which everything about the execution stands.
  static int partition(ExecutionId execution) {
    return KeyPartition.of(
        Keys.execution(TENANT, execution), BrokerExtension.SPREAD.executionPartitions());
  }

  /// The first executions of a name that stand on partition 0.
  static List<ExecutionId> onPartitionZero(String name, int count) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> execution(name + i))
        .filter(e -> partition(e) == 0)
        .limit(count)
        .toList();
  }

  /// A line on partition 0; its members are everywhere.
  static Line line(String name) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> Line.of(TENANT, APP, "by-shop", name + i))
        .filter(line -> partition(line.id()) == 0)
        .findFirst()
        .orElseThrow();
  }

  Router router(Path directory, Map<String, String> more) {
    return router(directory, more, Clock.systemUTC());
  }

  Router router(Path directory, Map<String, String> more, Clock clock) {
    Router router =
        new Router(
            broker.clients(),
            access,
            settings(directory, more),
            catalog,
            deadLetters,
            snapshots(directory),
            new SimpleMeterRegistry(),
            clock);
    router.start();
    router.awaitReady(Duration.ofMinutes(2));
    return router;
  }

  /// The snapshots of the installation whose data is in this directory.
  Snapshots snapshots(Path directory) {
    return snapshots.computeIfAbsent(
        directory,
        d ->
            SnapshotModule.follow(
                clients,
                producer,
                deadLetters,
                settings(d, Map.of()),
                "router-test",
                Clock.systemUTC()));
  }

  void publish() {
    publish(DIGEST, component("echo", HandlerType.BUILTIN));
  }

  void publish(String digest, ComponentDefinition component) {
    publishLater(digest, component).join();
  }

  CompletableFuture<Void> publishLater(String digest, ComponentDefinition component) {
    var application =
        new ApplicationDefinition(
            APP, "Orders", "1", List.of(component), List.of(), List.of(), Map.of());
    var published =
        new DefinitionEvent.VersionPublished(digest, "r1", CanonicalJson.toJson(application));
    return producer.send(
        EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class),
        Keys.version(TENANT, APP, digest),
        new Event<>(envelope(UUID.randomUUID()), published));
  }

  static ComponentDefinition component(String name, HandlerType type) {
    return new ComponentDefinition(
        name,
        "",
        type,
        Map.of("function", TextNode.valueOf("echo")),
        CanonicalJson.read("{}"),
        CanonicalJson.read("{}"),
        "equal",
        "model",
        Duration.ofMinutes(10),
        new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(50)),
        PromotionPolicy.OFF);
  }

  static Envelope envelope(UUID id) {
    return Envelope.of(
        id, Instant.ofEpochMilli(System.currentTimeMillis()), TENANT, APP, "key:test");
  }

  static ExecutionId execution(String name) {
    return new ExecutionId(NameIds.uuid5("test", name));
  }

  static InvokeRequested request(String input) {
    return request(DIGEST, input);
  }

  static InvokeRequested request(String digest, String input) {
    return new InvokeRequested(
        "echo",
        digest,
        new Json(input),
        NameIds.sha256(input),
        Duration.ZERO,
        new ReplyAddress("api-1", 2),
        "http");
  }

  void send(ExecutionId execution, RequestEvent request) {
    sendLater(execution, request).join();
  }

  CompletableFuture<Void> sendLater(ExecutionId execution, RequestEvent request) {
    return producer.send(
        EventCodec.of(Topic.REQUESTS, RequestEvent.class),
        Keys.execution(TENANT, execution),
        new Event<>(envelope(UUID.randomUUID()).withExecution(execution), request));
  }

  /// Routes calls of `echo`, a prompt with this identity.
  void route(ComponentDefinition component, int codePermille, int shadowPermille) {
    String source = "function handle(input) { return input; }";
    var set =
        new RouteEvent.RouteSet(
            new Subject(component.componentId(), component.identityDigest()),
            Stage.CANARY,
            new Candidate(1, NameIds.sha256(source)),
            source,
            codePermille,
            shadowPermille,
            0,
            "salt");
    producer
        .send(
            EventCodec.of(Topic.ROUTES, RouteEvent.class),
            Keys.component(TENANT, APP, component.componentId()),
            new Event<>(envelope(UUID.randomUUID()), set))
        .join();
  }

  void report(ExecutionId execution, OutcomeEvent outcome) {
    reportLater(execution, outcome).join();
  }

  CompletableFuture<Void> reportLater(ExecutionId execution, OutcomeEvent outcome) {
    return producer.send(
        EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class),
        Keys.execution(TENANT, execution),
        new Event<>(envelope(UUID.randomUUID()).withExecution(execution), outcome));
  }

  /// Answers the task as an executor would: the output is the input.
  void succeed(Event<TaskEvent> task) {
    TaskAssigned assigned = (TaskAssigned) task.body();
    report(
        task.envelope().execution(),
        new OutcomeEvent.WorkSucceeded(assigned.task(), "exec-1", assigned.input(), Usage.NONE));
  }

  List<Event<TaskEvent>> awaitTasks(int count) {
    return broker.await(Topic.TASKS_CODE, TaskEvent.class, count);
  }

  List<Event<ReplyEvent>> awaitReplies(int count) {
    return broker.await(Topic.REPLIES, ReplyEvent.class, count);
  }

  /// A fact that no router wrote.
  void writeFact(ExecutionId execution, ExecutionEvent body, long sequence) {
    Envelope envelope =
        Envelope.of(UUID.randomUUID(), Instant.now(), TENANT, APP, "service:stranger")
            .withExecution(execution)
            .withSequence(sequence);
    producer
        .send(
            EventRecords.of(
                clients,
                EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class),
                Keys.execution(TENANT, execution),
                new Event<>(envelope, body)))
        .join();
  }

  List<ExecutionEvent> facts(ExecutionId execution) {
    return broker.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .filter(e -> e.envelope().executionId().equals(execution.toString()))
        .map(Event::body)
        .toList();
  }

  @Override
  public void close() {
    if (routes != null) {
      routes.close();
    }
    snapshots.values().forEach(Snapshots::close);
    catalog.close();
    producer.close();
  }
}
