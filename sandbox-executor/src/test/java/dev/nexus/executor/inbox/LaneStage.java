package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.executor.Executor;
import dev.nexus.executor.Samples;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;

/// A real broker with executors on it, and a hand that assigns tasks as the router does.
final class LaneStage implements AutoCloseable {
  private final BrokerExtension broker;
  private final KafkaClients clients;
  private final EventProducer producer;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final EventCodec<TaskEvent> codec = EventCodec.of(Topic.TASKS_CODE, TaskEvent.class);
  private final List<AutoCloseable> running = new ArrayList<>();
  private final Map<Lane, NexusService> lanes = new EnumMap<>(Lane.class);
  private final Set<String> assigned = ConcurrentHashMap.newKeySet();
  private int instances;

  LaneStage(BrokerExtension broker) {
    this.broker = broker;
    this.clients = broker.clients();
    this.producer = new EventProducer(clients, "stage");
  }

  KafkaClients clients() {
    return clients;
  }

  EventProducer producer() {
    return producer;
  }

  DeadLetters deadLetters() {
    return new DeadLetters(producer, "stage", Clock.systemUTC());
  }

  /// Starts an executor on both lanes.
  Executor executor(Work work, Map<String, String> settings) {
    var host =
        new Executor.Host(
            broker.settings(settings),
            clients,
            producer,
            deadLetters(),
            new InstanceId("executor-" + ++instances),
            Clock.systemUTC(),
            meters);
    Executor executor = new Executor(host, work);
    List<NexusService> services =
        List.of(executor.cancellations(), executor.modelLane(), executor.codeLane());
    services.forEach(NexusService::start);
    services.forEach(service -> service.awaitReady(Duration.ofMinutes(2)));
    running.addAll(services.reversed());
    running.add(executor);
    lanes.put(Lane.MODEL, services.get(1));
    lanes.put(Lane.CODE, services.get(2));
    return executor;
  }

  /// The lane of the executor that was started last.
  NexusService lane(Lane lane) {
    return Objects.requireNonNull(lanes.get(lane), "an executor was started");
  }

  static AssignedTask task(String component, String input, String source, TaskLimits limits) {
    AssignedTask sample = Samples.task(component, input);
    String hash = source.isEmpty() ? "" : dev.nexus.event.NameIds.sha256(source);
    return new AssignedTask(
        sample.envelope(),
        new TaskAssigned(
            Samples.SERVE, component, "digest", hash, source, new Json(input), limits));
  }

  static TaskLimits limits(Duration lease, Duration timeout) {
    return new TaskLimits(Instant.now().plusSeconds(600), lease, timeout);
  }

  static AssignedTask task(String component, String input) {
    return task(component, input, "", limits(Duration.ofMinutes(10), Duration.ofMinutes(10)));
  }

  /// The task, of another version of its application.
  static AssignedTask ofVersion(String digest, AssignedTask task) {
    TaskAssigned body = task.body();
    return new AssignedTask(
        task.envelope(),
        new TaskAssigned(
            body.task(),
            body.component(),
            digest,
            body.candidateHash(),
            body.source(),
            body.input(),
            body.limits()));
  }

  AssignedTask assign(Lane lane, AssignedTask task) {
    assigned.add(task.envelope().executionId());
    producer
        .send(
            codec,
            Topic.ofLane(lane),
            null,
            Keys.execution(task.envelope().tenantId(), task.execution()),
            new Event<>(task.envelope(), task.body()))
        .join();
    return task;
  }

  /// Assigns each task in a transaction of its own, as a router with little to do.
  void assignInTransactions(Lane lane, List<AssignedTask> tasks) {
    try (var router = clients.transactionalProducer("stage-router")) {
      router.initTransactions();
      for (AssignedTask task : tasks) {
        assigned.add(task.envelope().executionId());
        router.beginTransaction();
        router.send(
            EventRecords.of(
                clients,
                codec,
                Topic.ofLane(lane),
                null,
                Keys.execution(task.envelope().tenantId(), task.execution()),
                new Event<>(task.envelope(), task.body())));
        router.commitTransaction();
      }
    }
  }

  void cancel(AssignedTask task) {
    Envelope envelope =
        Envelope.of(
                UUID.randomUUID(), Instant.now(), TenantId.DEFAULT, Samples.APP, "service:router")
            .withExecution(task.execution());
    producer
        .send(
            codec,
            Topic.TASK_CONTROL,
            null,
            Keys.execution(TenantId.DEFAULT, task.execution()),
            new Event<>(envelope, new TaskCancelled(task.body().task(), "not wanted")))
        .join();
  }

  /// Cancels it and returns when the executor has heard of it: behind the cancellation stands a
  /// record that cannot be read, which it puts aside.
  void cancelInTime(AssignedTask task) {
    cancel(task);
    String control = clients.name(Topic.TASK_CONTROL);
    String key = Keys.execution(TenantId.DEFAULT, task.execution());
    producer.send(new ProducerRecord<>(control, key, new byte[] {1})).join();
    Eventually.holds(
        () ->
            assertThat(broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class))
                .extracting(event -> (RecordDeadLettered) event.body())
                .filteredOn(letter -> letter.originTopic().equals(control))
                .extracting(letter -> StandardCharsets.UTF_8.decode(letter.originKey()).toString())
                .contains(key));
  }

  /// Outcomes of this stage's tasks, each once: a task may come again, as to who stood still with
  /// it in hand, and then its outcome does, under the same id.
  List<Event<OutcomeEvent>> outcomes() {
    Set<UUID> seen = new HashSet<>();
    return own(Topic.OUTCOMES, OutcomeEvent.class).stream()
        .filter(event -> seen.add(event.envelope().eventId()))
        .toList();
  }

  /// Measurements of this stage's tasks.
  List<Event<MetricEvent>> metrics() {
    return own(Topic.METRICS, MetricEvent.class);
  }

  private <E> List<Event<E>> own(Topic topic, Class<E> events) {
    return broker.read(topic, events).stream()
        .filter(event -> assigned.contains(event.envelope().executionId()))
        .toList();
  }

  /// Executions of tasks that succeeded.
  List<String> succeeded() {
    return outcomes().stream()
        .filter(event -> event.body() instanceof WorkSucceeded)
        .map(event -> event.envelope().executionId())
        .toList();
  }

  static List<String> executions(List<AssignedTask> tasks) {
    return tasks.stream().map(task -> task.envelope().executionId()).toList();
  }

  /// Outcomes of one task, in order.
  List<OutcomeEvent> outcomesOf(AssignedTask task) {
    return outcomesOf(task.execution());
  }

  private List<OutcomeEvent> outcomesOf(ExecutionId execution) {
    return outcomes().stream()
        .filter(event -> event.envelope().execution().equals(execution))
        .map(Event::body)
        .toList();
  }

  double counted(String name, String... tags) {
    var counter = meters.find(name).tags(tags).counter();
    return counter == null ? 0 : counter.count();
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : running) {
      part.close();
    }
    producer.close();
  }
}
