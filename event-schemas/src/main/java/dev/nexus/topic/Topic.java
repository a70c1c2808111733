package dev.nexus.topic;

import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.log.LogEvent;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.sandbox.SandboxEvent;
import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueReplyEvent;
import dev.nexus.event.value.ValueRequestEvent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// Every topic Nexus uses; topics are created from this table and nowhere else. Schema ids are
/// `code * 100 + version` and never change.
public enum Topic {
  INGRESS(
      1,
      "nexus.ingress",
      Spread.EXECUTIONS,
      Keep.days(7),
      Sync.EACH,
      Void.class,
      "CloudEvents from outside, as their senders wrote them: JSON or Avro, not trusted yet."),
  REQUESTS(
      2,
      "nexus.requests",
      Spread.EXECUTIONS,
      Keep.days(7),
      Sync.EACH,
      RequestEvent.class,
      "What is asked of executions: to begin, to be cancelled, to be released."),
  EXECUTIONS(
      3,
      "nexus.executions",
      Spread.EXECUTIONS,
      Keep.BY_OWNER,
      Sync.LATER,
      ExecutionEvent.class,
      "What happened to each execution, in order: the facts everything else follows from."),
  TASKS_MODEL(
      4,
      "nexus.tasks.model",
      Spread.EXECUTIONS,
      Keep.days(2),
      Sync.LATER,
      TaskEvent.class,
      "Work for executors: prompts to models."),
  TASKS_CODE(
      4,
      "nexus.tasks.code",
      Spread.EXECUTIONS,
      Keep.days(2),
      Sync.LATER,
      TaskEvent.class,
      "Work for executors: code in a sandbox."),
  TASKS_CONTAINER(
      4,
      "nexus.tasks.container",
      Spread.EXECUTIONS,
      Keep.days(2),
      Sync.LATER,
      TaskEvent.class,
      "Work for executors: containers."),
  TASKS_TOOL(
      4,
      "nexus.tasks.tool",
      Spread.EXECUTIONS,
      Keep.days(2),
      Sync.LATER,
      TaskEvent.class,
      "Work for executors: tools."),
  TASK_CONTROL(
      4,
      "nexus.task-control",
      Spread.EXECUTIONS,
      Keep.days(2),
      Sync.LATER,
      TaskEvent.class,
      "Cancellations of tasks, read by every executor."),
  OUTCOMES(
      5,
      "nexus.outcomes",
      Spread.EXECUTIONS,
      Keep.days(7),
      Sync.LATER,
      OutcomeEvent.class,
      "What came of tasks."),
  REPLIES(
      6,
      "nexus.replies",
      Spread.REPLIES,
      Keep.hours(1),
      Sync.LATER,
      ReplyEvent.class,
      "Answers for whoever waits for an execution."),
  DEFINITIONS(
      7,
      "nexus.definitions",
      Spread.ONE,
      Keep.LATEST,
      Sync.EACH,
      DefinitionEvent.class,
      "Versions of applications, the newest of each."),
  ENTITIES(
      8,
      "nexus.entities",
      Spread.ONE,
      Keep.LATEST,
      Sync.EACH,
      EntityEvent.class,
      "Keys, tenants and integrations, the newest state of each."),
  EVIDENCE(
      9,
      "nexus.evidence",
      Spread.ORACLE,
      Keep.FOREVER,
      Sync.LATER,
      EvidenceEvent.class,
      "What the oracle counts for and against generated code."),
  PROMOTIONS(
      10,
      "nexus.promotions",
      Spread.ORACLE,
      Keep.FOREVER,
      Sync.LATER,
      PromotionEvent.class,
      "What the oracle decided."),
  ROUTES(
      11,
      "nexus.routes",
      Spread.ONE,
      Keep.LATEST,
      Sync.LATER,
      RouteEvent.class,
      "Who serves each component, the newest of each."),
  METRICS(
      12,
      "nexus.metrics",
      Spread.EXECUTIONS,
      Keep.days(7),
      Sync.LATER,
      MetricEvent.class,
      "What each task and each execution took and cost."),
  AUDIT_INTENTS(
      13,
      "nexus.audit-intents",
      Spread.ONE,
      Keep.days(365),
      Sync.EACH,
      AuditEvent.class,
      "What was allowed and refused to whom, equal refusals of a second counted in one."),
  DEAD_LETTERS(
      14,
      "nexus.dead-letters",
      Spread.ONE,
      Keep.days(30),
      Sync.EACH,
      DeadLetterEvent.class,
      "Records that could not be used, with where they stood and why."),
  EVENTS(
      15,
      "nexus.events",
      Spread.EXECUTIONS,
      Keep.days(30),
      Sync.EACH,
      IngressEvent.class,
      "Outside events that were let in, and what they started."),
  LOGS(
      16,
      "nexus.logs",
      Spread.ORACLE,
      Keep.days(7),
      Sync.LATER,
      LogEvent.class,
      "What services log, from INFO up; lines may be missing."),
  SNAPSHOTS(
      17,
      "nexus.snapshots",
      Spread.ONE,
      Keep.LATEST,
      Sync.EACH,
      SnapshotEvent.class,
      "Which snapshots of states there are, and what their owners need no longer."),
  SANDBOXES(
      18,
      "nexus.sandboxes",
      Spread.ORACLE,
      Keep.days(30),
      Sync.LATER,
      SandboxEvent.class,
      "What becomes of the containers that code runs in."),
  VALUE_REQUESTS(
      19,
      "nexus.value-requests",
      Spread.EXECUTIONS,
      Keep.days(7),
      Sync.EACH,
      ValueRequestEvent.class,
      "What is asked of the runtime values of applications."),
  VALUES(
      20,
      "nexus.values",
      Spread.EXECUTIONS,
      Keep.latestAfter(Duration.ofMinutes(150)),
      Sync.LATER,
      ValueEvent.class,
      "Runtime values of applications, the newest of each."),
  VALUE_REPLIES(
      21,
      "nexus.value-replies",
      Spread.REPLIES,
      Keep.hours(1),
      Sync.LATER,
      ValueReplyEvent.class,
      "Answers for whoever waits for a runtime value.");

  /// What the name of every topic begins with.
  public static final String PREFIX = "nexus.";

  private final int code;
  private final String topicName;
  private final Spread spread;
  private final Keep keep;
  private final Sync sync;
  private final Class<?> events;
  private final String about;

  Topic(
      int code,
      String topicName,
      Spread spread,
      Keep keep,
      Sync sync,
      Class<?> events,
      String about) {
    this.code = code;
    this.topicName = topicName;
    this.spread = spread;
    this.keep = keep;
    this.sync = sync;
    this.events = events;
    this.about = about;
  }

  /// Name without the installation's prefix.
  public String topicName() {
    return topicName;
  }

  /// Name as people say it: `executions`.
  public String shortName() {
    return topicName.substring(PREFIX.length());
  }

  public Spread spread() {
    return spread;
  }

  public Keep keep() {
    return keep;
  }

  public Sync sync() {
    return sync;
  }

  /// Root of the sealed hierarchy on this topic; `Void` for the topic of foreign events.
  public Class<?> events() {
    return events;
  }

  /// What it is for, in a sentence for readers.
  public String about() {
    return about;
  }

  public boolean hasSchema() {
    return events != Void.class;
  }

  /// Topics with the same events share a schema and its ids.
  public int schemaId(int version) {
    return code * 100 + version;
  }

  /// The file name of the schema, without version: the hierarchy's own name.
  public String schemaName() {
    return events.getSimpleName();
  }

  public static Topic ofLane(Lane lane) {
    return switch (lane) {
      case MODEL -> TASKS_MODEL;
      case CODE -> TASKS_CODE;
      case CONTAINER -> TASKS_CONTAINER;
      case TOOL -> TASKS_TOOL;
    };
  }

  public static Optional<Topic> named(String topicName) {
    return Arrays.stream(values()).filter(t -> t.topicName.equals(topicName)).findFirst();
  }

  public static Optional<Topic> shortNamed(String shortName) {
    return named(PREFIX + shortName);
  }

  /// Topics that must have the same number of partitions share a spread.
  public enum Spread {
    EXECUTIONS,
    REPLIES,
    ORACLE,
    ONE
  }

  /// When an append must be on the disk: before it is acknowledged, or when the system writes it.
  public enum Sync {
    EACH,
    LATER
  }

  /// How long records are kept.
  public sealed interface Keep {
    Keep LATEST = new Latest(Duration.ZERO);
    Keep FOREVER = new Forever();
    Keep BY_OWNER = new ByOwner();

    static Keep days(int days) {
      return new For(Duration.ofDays(days));
    }

    static Keep hours(int hours) {
      return new For(Duration.ofHours(hours));
    }

    static Keep latestAfter(Duration whole) {
      return new Latest(whole);
    }

    record For(Duration time) implements Keep {}

    /// Compacted: the newest record of a key stays, and for a while every one.
    ///
    /// @param whole how long older records of a key stay at least
    record Latest(Duration whole) implements Keep {}

    record Forever() implements Keep {}

    /// The owner deletes what its snapshots cover; the broker deletes nothing.
    record ByOwner() implements Keep {}
  }
}
