package dev.nexus.e2e;

import static dev.nexus.e2e.FalseRecord.NEVER;
import static dev.nexus.e2e.FalseRecord.envelope;
import static dev.nexus.e2e.FalseRecord.fact;
import static dev.nexus.e2e.FalseRecord.key;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.topic.Topic;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/// False records of the topics on which work travels: requests, facts, tasks, what came of them,
/// and outside events.
final class FalseWork {
  private static final Instant LONG_AGO = Instant.parse("0001-01-01T00:00:00Z");
  private static final Duration ENDLESS = Duration.ofMillis(Long.MAX_VALUE);
  private static final Duration SOME = Duration.ofSeconds(30);
  private static final TaskKey TASK = new TaskKey(1, Role.SERVE, 1);
  private static final String NO_TIME = "a time of the years 1970 to 9999 expected";

  private final Random random;

  FalseWork(Random random) {
    this.random = random;
  }

  private ExecutionId execution() {
    return new ExecutionId(new UUID(random.nextLong(), random.nextLong()));
  }

  /// Values that are no event of any kind, on every topic of which a service reads all.
  List<FalseRecord> unreadable() {
    return Stream.of(
            Topic.REQUESTS,
            Topic.EXECUTIONS,
            Topic.OUTCOMES,
            Topic.EVENTS,
            Topic.TASKS_CODE,
            Topic.TASK_CONTROL,
            Topic.DEFINITIONS,
            Topic.ENTITIES,
            Topic.ROUTES,
            Topic.EVIDENCE,
            Topic.PROMOTIONS,
            Topic.SNAPSHOTS)
        .flatMap(FalseWork::unreadable)
        .toList();
  }

  /// A record without a value deletes its key where only the newest of each counts, and says
  /// nothing on the topics of the oracle.
  private static Stream<FalseRecord> unreadable(Topic topic) {
    byte[] newer = ByteBuffer.allocate(9).put((byte) 0).putInt(topic.schemaId(99)).array();
    var later =
        new FalseRecord(
            "a schema of a later version", topic, "k", newer, Map.of(), "found schema id");
    boolean deletes =
        topic.keep() instanceof Topic.Keep.Latest
            || Set.of(Topic.EVIDENCE, Topic.PROMOTIONS).contains(topic);
    var empty =
        new FalseRecord("no value", topic, "k", null, Map.of(), deletes ? "" : "found no value");
    return Stream.of(later, empty);
  }

  List<FalseRecord> requests() {
    return List.of(
        request("under the key of another", key(execution()), Instant.now(), 0, " expected, found"),
        request("of the year 1", "", LONG_AGO, 0, NO_TIME),
        request("of no time at all", "", NEVER, 0, NO_TIME),
        request("from where no replies are", "", Instant.now(), 999, "a reply partition below"));
  }

  private FalseRecord request(
      String kind, String otherKey, Instant at, int replyPartition, String reason) {
    ExecutionId execution = execution();
    RequestEvent invoke =
        new InvokeRequested(
            "echo",
            "digest",
            new Json("1"),
            NameIds.sha256("1"),
            Duration.ZERO,
            new ReplyAddress("nobody", replyPartition),
            "http");
    Envelope e = envelope(TenantId.DEFAULT, at).withExecution(execution);
    String key = otherKey.isEmpty() ? key(execution) : otherKey;
    return FalseRecord.of(
        kind, Topic.REQUESTS, RequestEvent.class, key, new Event<>(e, invoke), reason);
  }

  List<FalseRecord> facts() {
    ExecutionId one = execution();
    ExecutionId headless = execution();
    ExecutionId malformed = execution();
    ExecutionId timeless = execution();
    return List.of(
        factOf("under the key of another", key(execution()), one, Instant.now(), "key " + key(one)),
        factOf("of no source", key(headless), headless, Instant.now(), "").with("ce_source", "x/y"),
        factOf("of no tenant", key(malformed), malformed, Instant.now(), "")
            .with("ce_source", "/NOBODY/lab"),
        factOf("of no time at all", key(timeless), timeless, NEVER, NO_TIME),
        accepted("of no name", execution(), "e\0cho", "digest", 0, "without the character 0"));
  }

  private static FalseRecord factOf(
      String kind, String key, ExecutionId execution, Instant at, String reason) {
    ExecutionEvent body = new TaskSucceeded(TASK, "x", new Json("1"), Usage.NONE);
    var event = new Event<>(fact(execution, 5, at), body);
    return FalseRecord.of(kind, Topic.EXECUTIONS, ExecutionEvent.class, key, event, reason);
  }

  /// The facts of an execution that is whole but for its caller, who waits where no replies are.
  /// They are taken for what they say.
  List<FalseRecord> ofNobody(String digest) {
    String kind = "a caller who waits nowhere";
    ExecutionId execution = execution();
    ExecutionEvent succeeded = new ExecutionSucceeded(new Json("1"), Tier.BUILTIN);
    return List.of(
        accepted(kind, execution, "echo", digest, -999, ""),
        FalseRecord.of(
            kind,
            Topic.EXECUTIONS,
            ExecutionEvent.class,
            key(execution),
            new Event<>(fact(execution, 2, Instant.now()), succeeded),
            ""));
  }

  private static FalseRecord accepted(
      String kind,
      ExecutionId execution,
      String component,
      String digest,
      int replyPartition,
      String reason) {
    ExecutionEvent accepted =
        new ExecutionAccepted(
            component,
            digest,
            new Json("1"),
            NameIds.sha256("1"),
            Instant.now().plusSeconds(3_600),
            new ReplyAddress("nobody", replyPartition),
            "http");
    var event = new Event<>(fact(execution, 1, Instant.now()), accepted);
    return FalseRecord.of(
        kind, Topic.EXECUTIONS, ExecutionEvent.class, key(execution), event, reason);
  }

  List<FalseRecord> tasks() {
    return List.of(
        task("a lease without end", Instant.now(), ENDLESS, SOME, "a lease and a timeout of"),
        task("a timeout without end", Instant.now(), SOME, ENDLESS, "a lease and a timeout of"),
        task("a lease of less than nothing", Instant.now(), SOME.negated(), SOME, "a lease and"),
        task("of the year 1", LONG_AGO, SOME, SOME, NO_TIME),
        cancellation("a cancellation on a lane", Topic.TASKS_CODE, "TaskAssigned expected"),
        cancellation("of an execution that is none", Topic.TASK_CONTROL, ""));
  }

  private FalseRecord task(
      String kind, Instant at, Duration lease, Duration timeout, String reason) {
    ExecutionId execution = execution();
    var limits = new TaskLimits(Instant.now().plusSeconds(600), lease, timeout);
    TaskEvent task = new TaskAssigned(TASK, "echo", "digest", "", "", new Json("1"), limits);
    Envelope e = envelope(TenantId.DEFAULT, at).withExecution(execution);
    return FalseRecord.of(
        kind, Topic.TASKS_CODE, TaskEvent.class, key(execution), new Event<>(e, task), reason);
  }

  private FalseRecord cancellation(String kind, Topic topic, String reason) {
    ExecutionId execution = execution();
    TaskEvent cancelled = new TaskCancelled(TASK, "why not");
    var event = new Event<>(envelope().withExecution(execution), cancelled);
    return FalseRecord.of(kind, topic, TaskEvent.class, key(execution), event, reason);
  }

  List<FalseRecord> outcomes() {
    return List.of(
        outcome("under the key of another", key(execution()), Instant.now(), " expected, found"),
        outcome("of no time at all", "", NEVER, NO_TIME));
  }

  private FalseRecord outcome(String kind, String otherKey, Instant at, String reason) {
    ExecutionId execution = execution();
    OutcomeEvent done = new WorkSucceeded(TASK, "x", new Json("1"), Usage.NONE);
    Envelope e = envelope(TenantId.DEFAULT, at).withExecution(execution);
    String key = otherKey.isEmpty() ? key(execution) : otherKey;
    return FalseRecord.of(
        kind, Topic.OUTCOMES, OutcomeEvent.class, key, new Event<>(e, done), reason);
  }

  /// On every partition, as each has its own place at which it goes on.
  List<FalseRecord> events() {
    var outside = new Outside("odd", "urn:odd", "1", "com.example.odd", "", Instant.now());
    IngressEvent unmatched = new EventUnmatched(outside, List.of(), List.of("made up"));
    var nowhere = new Position(Topic.EVENTS.topicName(), 0, 1L << 40);
    return Stream.concat(
            Stream.of(
                event(
                    "of no time at all",
                    envelope(TenantId.DEFAULT, NEVER),
                    new EventAccepted(outside, new Json("1")),
                    NO_TIME)),
            Stream.generate(
                    () ->
                        event(
                            "a verdict about what is not there",
                            envelope().withInput(nowhere),
                            unmatched,
                            "a verdict about a record before"))
                .limit(32))
        .toList();
  }

  private FalseRecord event(String kind, Envelope e, IngressEvent body, String reason) {
    String key = TenantId.DEFAULT + "/" + execution();
    return FalseRecord.of(
        kind, Topic.EVENTS, IngressEvent.class, key, new Event<>(e, body), reason);
  }
}
