package dev.nexus.oracle.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.task.Tier;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/// Stands for the router: makes facts of calls by the newest route, and answers what the oracle
/// asks for.
final class LogRouter implements AutoCloseable {
  private static final EventCodec<ExecutionEvent> FACTS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final Duration PACE = Duration.ofMillis(8);
  private static final Duration CAUGHT_UP_WITHIN = Duration.ofSeconds(20);
  private static final int ROUNDS = 4;
  private static final AtomicInteger CALLS = new AtomicInteger();

  private final KafkaClients clients;
  private final EventProducer producer;
  private final DeadLetters deadLetters;
  private final DefinitionCatalog catalog;
  private final Snapshots snapshots;
  private final CallScript script;
  private final TopicFollower<RouteEvent> routes;
  private final TopicFollower<RequestEvent> requests;
  private final TopicFollower<PromotionEvent> decisions;
  private final List<PromotionEvent> decided = new CopyOnWriteArrayList<>();
  private final Set<String> answered = new HashSet<>();
  private volatile Optional<CallScript.Route> route = Optional.empty();
  private boolean repeats;

  LogRouter(KafkaClients clients) {
    this.clients = clients;
    producer = new EventProducer(clients, "log-router");
    deadLetters = new DeadLetters(producer, "test", Clock.systemUTC());
    snapshots =
        SnapshotModule.follow(
            clients, producer, deadLetters, Settings.of(Map.of()), "test", Clock.systemUTC());
    catalog = new DefinitionCatalog(clients, "test", deadLetters).start();
    script = new CallScript(catalog::current, Webhooks::truth, Webhooks::run, Webhooks::generate);
    routes =
        new TopicFollower<>(
                clients,
                EventCodec.of(Topic.ROUTES, RouteEvent.class),
                "test",
                deadLetters,
                (_, event, _, offset) ->
                    route = Optional.of(new CallScript.Route((RouteSet) event.body(), offset)))
            .start();
    requests =
        new TopicFollower<>(
                clients,
                EventCodec.of(Topic.REQUESTS, RequestEvent.class),
                "test",
                deadLetters,
                (_, event, _, _) -> answer(event))
            .start();
    decisions =
        new TopicFollower<>(
                clients,
                EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class),
                "test",
                deadLetters,
                (_, event, _, _) -> decided.add(event.body()))
            .start();
  }

  /// Names of all decisions so far.
  List<String> decided() {
    return decided.stream().map(d -> d.getClass().getSimpleName()).toList();
  }

  EventProducer producer() {
    return producer;
  }

  int oraclePartitions() {
    try (var consumer = clients.assignedConsumer("test-partitions")) {
      return consumer.partitionsFor(clients.name(Topic.EVIDENCE)).size();
    }
  }

  private List<TopicPartition> facts() {
    String topic = clients.name(Topic.EXECUTIONS);
    return IntStream.range(0, BrokerExtension.SPREAD.executionPartitions())
        .mapToObj(partition -> new TopicPartition(topic, partition))
        .toList();
  }

  /// Facts there are.
  long end() {
    try (var consumer = clients.assignedConsumer("test-end")) {
      return consumer.endOffsets(facts()).values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /// Facts that all oracles have said they need no more.
  long covered() {
    return facts().stream().mapToLong(this::covered).sum();
  }

  private long covered(TopicPartition facts) {
    String log = LogIdentity.of(clients, List.of(Topic.EXECUTIONS)).get(Topic.EXECUTIONS);
    return IntStream.range(0, oraclePartitions())
        .mapToObj(Owner::oracle)
        .mapToLong(
            owner ->
                snapshots
                    .index()
                    .covered(owner, Topic.EXECUTIONS, facts.partition(), log)
                    .orElse(0))
        .min()
        .orElse(0);
  }

  /// Deletes those facts.
  void cut() throws ExecutionException, InterruptedException {
    Map<TopicPartition, RecordsToDelete> before = new HashMap<>();
    facts().forEach(p -> before.put(p, RecordsToDelete.beforeOffset(covered(p))));
    try (Admin admin = clients.admin()) {
      admin.deleteRecords(before).all().get();
    }
  }

  /// An oracle that is ready.
  OracleService oracle() {
    var oracle =
        new OracleService(
            clients,
            catalog,
            deadLetters,
            new Payloads(Settings.of(Map.of()), Clock.systemUTC()),
            snapshots,
            Duration.ofSeconds(1),
            Clock.systemUTC(),
            "oracle-of-the-test");
    oracle.start();
    oracle.awaitReady(Duration.ofMinutes(2));
    return oracle;
  }

  /// Returns when the catalog has it.
  void publish(Version version) {
    String app = version.application().appId();
    var codec = EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class);
    producer
        .send(
            codec,
            Keys.version(TenantId.DEFAULT, app, version.digest()),
            new Event<>(
                envelope(app),
                new VersionPublished(
                    version.digest(),
                    version.revision(),
                    CanonicalJson.toJson(version.application()))))
        .join();
    producer
        .send(
            codec,
            Keys.currentVersion(TenantId.DEFAULT, app),
            new Event<>(envelope(app), new CurrentVersionSet(version.digest(), version.revision())))
        .join();
    Eventually.value(
        () -> catalog.current(TenantId.DEFAULT, app),
        current -> current.filter(v -> v.digest().equals(version.digest())).isPresent(),
        "the published version");
  }

  /// From now on each fact of a call stands on the log three times: twice in a row, and once more
  /// behind the others.
  void repeatFacts() {
    repeats = true;
  }

  /// Calls with one webhook after the other.
  void call(List<Json> webhooks) {
    called(webhooks, () -> false);
  }

  /// Calls with one webhook after the other until `done`. Where the oracle cannot follow the pace,
  /// as on a slow machine, it is waited for after all of them, and they are called with once more.
  void callUntil(List<Json> webhooks, BooleanSupplier done) {
    for (int round = 0; round < ROUNDS; round++) {
      if (called(webhooks, done) || comes(done)) {
        return;
      }
    }
    throw new AssertionError(
        "not reached with " + webhooks.size() + " calls; decided were " + decided());
  }

  private static boolean comes(BooleanSupplier done) {
    long deadline = System.nanoTime() + CAUGHT_UP_WITHIN.toNanos();
    while (!done.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PACE.toNanos());
    }
    return done.getAsBoolean();
  }

  private boolean called(List<Json> webhooks, BooleanSupplier done) {
    for (Json webhook : webhooks) {
      String execution =
          NameIds.uuid5("call", Integer.toString(CALLS.incrementAndGet())).toString();
      ExecutionId id = ExecutionId.parse(execution);
      List<Event<ExecutionEvent>> facts =
          script
              .facts(
                  execution, webhook, Webhooks.truth(webhook), route, Clock.systemUTC().instant())
              .stream()
              .map(fact -> event(TestDefinitions.APP, id, fact))
              .toList();
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (Event<ExecutionEvent> fact : facts) {
        sent.add(send(id, fact));
        if (repeats) {
          sent.add(send(id, fact));
        }
      }
      if (repeats) {
        facts.forEach(fact -> sent.add(send(id, fact)));
      }
      sent.forEach(CompletableFuture::join);
      LockSupport.parkNanos(PACE.toNanos());
      if (done.getAsBoolean()) {
        return true;
      }
    }
    return false;
  }

  private void answer(Event<RequestEvent> request) {
    String execution = request.envelope().executionId();
    if (answered.add(execution)) {
      fact(
              SystemApplication.APP,
              execution,
              new ExecutionSucceeded(script.answer((InvokeRequested) request.body()), Tier.BUILTIN))
          .join();
    }
  }

  CompletableFuture<Void> fact(String app, String execution, ExecutionEvent body) {
    ExecutionId id = ExecutionId.parse(execution);
    return send(id, event(app, id, body));
  }

  private static Event<ExecutionEvent> event(String app, ExecutionId id, ExecutionEvent body) {
    return new Event<>(envelope(app).withExecution(id), body);
  }

  private CompletableFuture<Void> send(ExecutionId id, Event<ExecutionEvent> fact) {
    return producer.send(FACTS, Keys.execution(TenantId.DEFAULT, id), fact);
  }

  private static Envelope envelope(String app) {
    return Envelope.of(
        UUID.randomUUID(), Clock.systemUTC().instant(), TenantId.DEFAULT, app, "service:test");
  }

  @Override
  public void close() {
    routes.close();
    requests.close();
    decisions.close();
    snapshots.close();
    catalog.close();
    producer.close();
  }
}
