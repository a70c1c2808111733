package dev.nexus.platform.measure;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Everything that services measure about themselves for Prometheus. Dashboards and alerts are
/// built on these names: they may be added to, and never change. `docs/metrics.md` is made of this
/// list.
///
/// Whatever is an event is counted as one, by `WRITTEN`; a measure of its own has what no event
/// says.
public enum Measure {
  WRITTEN(
      Kind.COUNTER,
      "nexus.events.written",
      "Events that the log has taken, by topic and type. Those of a transaction count before it is"
          + " committed",
      "topic",
      "type"),
  NOT_WRITTEN(
      Kind.COUNTER, "nexus.events.failed", "Events that the log did not take", "topic", "type"),
  DROPPED(
      Kind.COUNTER,
      "nexus.events.dropped",
      "Metrics, log lines and reports that were dropped: too many at once, or the log was away",
      "events"),
  BACKLOG(
      Kind.GAUGE,
      "nexus.backlog.records",
      "Records that wait for a reader, or tasks for a lane; new work is refused above"
          + " NEXUS_BACKLOG_LIMIT",
      "reader"),
  REFUSED(
      Kind.COUNTER,
      "nexus.requests.refused",
      "Requests for new work that were refused: `rate-limited`, `backlog` or `disk-full`",
      "reason"),
  DISK_FREE(
      Kind.GAUGE,
      "nexus.disk.free.bytes",
      "Free room on the fullest disk that Nexus or a broker writes to; new work is refused below"
          + " NEXUS_DISK_RESERVE_MB"),
  LOG_SIZE(Kind.GAUGE, "nexus.log.bytes", "Size of this installation's topics on all brokers"),
  HEALTHY(
      Kind.GAUGE,
      "nexus.service.healthy",
      "1 while a part of this process does its work, else 0",
      "service"),
  EXECUTION(
      Kind.TIMER,
      "nexus.execution",
      "Time of executions from the request to the end, by how they ended",
      "result"),
  PROJECTED(
      Kind.TIMER,
      "nexus.projection.delay",
      "Time from when a fact was written to when queries show it, of the newest fact of each batch",
      "topic"),
  LISTENERS(Kind.GAUGE, "nexus.stream.listeners", "Clients that listen to live facts"),
  TASKS(
      Kind.COUNTER, "nexus.tasks", "Tasks that were done, by what they came to", "tier", "result"),
  TASKS_LEFT(
      Kind.COUNTER, "nexus.tasks.dropped", "Tasks that were taken and not done, by why", "reason"),
  TASK_WAIT(Kind.TIMER, "nexus.task.wait", "Time that tasks waited for an executor", "tier"),
  TASK_WORK(Kind.TIMER, "nexus.task.work", "Time that the work of tasks took", "tier"),
  SANDBOX_INSTANCES(
      Kind.GAUGE,
      "nexus.sandbox.instances",
      "Containers of a pool that are `STARTING`, `IDLE` or `BUSY`",
      "pool",
      "state"),
  SANDBOX_START(
      Kind.TIMER, "nexus.sandbox.start", "Time of cold starts, until a container answers", "pool"),
  SANDBOX_WAIT(Kind.TIMER, "nexus.sandbox.wait", "Time that calls waited for a container", "pool"),
  SANDBOX_OLDEST_WAIT(
      Kind.GAUGE,
      "nexus.sandbox.oldest.wait.seconds",
      "How long the first of the calls that wait for a container of a pool has; 0 when none does",
      "pool"),
  SANDBOX_CALL(
      Kind.TIMER,
      "nexus.sandbox.call",
      "Time that calls had a container, by what came of them",
      "pool",
      "result"),
  SANDBOX_ENDED(
      Kind.COUNTER, "nexus.sandbox.ended", "Containers that ended, by why", "pool", "reason"),
  SERVICE_INSTANCES(
      Kind.GAUGE,
      "nexus.sandbox.services",
      "Services of applications that this executor runs: `WAITING` for their next start, `STARTING`,"
          + " `HEALTHY` or `ENDING`",
      "state"),
  SERVICE_START(
      Kind.TIMER,
      "nexus.sandbox.service.start",
      "Time from the start of a service until it was well",
      "app"),
  SERVICE_ENDED(
      Kind.COUNTER,
      "nexus.sandbox.service.ended",
      "Containers of services that ended, by why",
      "reason"),
  SERVICE_CALL(
      Kind.TIMER,
      "nexus.sandbox.service.call",
      "Time that calls of services took, by the status of the answer: `2xx` to `5xx`",
      "app",
      "status"),
  SERVICE_LINES_DROPPED(
      Kind.COUNTER,
      "nexus.sandbox.service.lines.dropped",
      "Lines that services printed and that were not sent to the log: too many at once",
      "app"),
  MODEL_CALLS(Kind.COUNTER, "nexus.model.calls", "Calls to models", "model", "result"),
  MODEL_TOKENS(
      Kind.COUNTER,
      "nexus.model.tokens",
      "Tokens that models read (`prompt`) and wrote (`completion`)",
      "model",
      "kind"),
  MODEL_COST(
      Kind.COUNTER,
      "nexus.model.cost.micros",
      "What calls to models cost, in millionths of the unit of the price table",
      "model"),
  TOOL_CALLS(
      Kind.COUNTER, "nexus.tool.calls", "Calls of tools over MCP, by what they came to", "result"),
  SPANS(Kind.COUNTER, "nexus.spans", "Spans that the receiver of traces has taken"),
  SPANS_DROPPED(
      Kind.COUNTER,
      "nexus.spans.dropped",
      "Spans that were dropped: `refused` by the receiver of traces; executions that were"
          + " `open-too-long` to be remembered count as one each",
      "reason");

  /// Bounds of the buckets of a timer: from a warm call to a slow model.
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofSeconds(60)
  };

  private final Kind kind;
  private final String meterName;
  private final String meaning;
  private final List<String> labels;

  /// What Prometheus makes of a measure.
  public enum Kind {
    /// Grows until the process ends: `_total`.
    COUNTER("_total"),
    /// Goes up and down.
    GAUGE(""),
    /// A histogram in seconds: `_seconds_bucket`, `_seconds_sum`, `_seconds_count`.
    TIMER("_seconds");

    private final String suffix;

    Kind(String suffix) {
      this.suffix = suffix;
    }
  }

  Measure(Kind kind, String meterName, String meaning, String... labels) {
    this.kind = kind;
    this.meterName = meterName;
    this.meaning = meaning;
    this.labels = List.of(labels);
  }

  public Kind kind() {
    return kind;
  }

  public String meaning() {
    return meaning;
  }

  public List<String> labels() {
    return labels;
  }

  /// Its name at `/metrics`: `nexus_events_written_total`; of a timer without what its parts add.
  public String prometheusName() {
    return meterName.replace('.', '_') + kind.suffix;
  }

  /// @param values of its labels, in their order
  public Counter counter(MeterRegistry meters, String... values) {
    require(Kind.COUNTER);
    return Counter.builder(meterName).description(meaning).tags(tags(values)).register(meters);
  }

  /// A counter that somebody keeps already.
  public <T> void countOf(
      MeterRegistry meters, T keeper, ToDoubleFunction<T> count, String... values) {
    require(Kind.COUNTER);
    FunctionCounter.builder(meterName, keeper, count)
        .description(meaning)
        .tags(tags(values))
        .register(meters);
  }

  /// @param keeper is held for as long as it is measured
  public <T> void gauge(MeterRegistry meters, T keeper, ToDoubleFunction<T> now, String... values) {
    require(Kind.GAUGE);
    Gauge.builder(meterName, keeper, now)
        .description(meaning)
        .tags(tags(values))
        .strongReference(true)
        .register(meters);
  }

  public Timer timer(MeterRegistry meters, String... values) {
    require(Kind.TIMER);
    return Timer.builder(meterName)
        .description(meaning)
        .serviceLevelObjectives(BUCKETS)
        .tags(tags(values))
        .register(meters);
  }

  private void require(Kind wanted) {
    if (kind != wanted) {
      throw new IllegalStateException(this + " is a " + kind + ", no " + wanted);
    }
  }

  private List<Tag> tags(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException(
          this + " has the labels " + labels + ", not " + values.length);
    }
    List<Tag> tags = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      tags.add(Tag.of(labels.get(i), values[i]));
    }
    return tags;
  }
}
