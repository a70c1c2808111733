package dev.nexus.projector.trace;

import dev.nexus.event.Envelope;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.event.trace.SpanIds;
import dev.nexus.event.trace.TraceContext;
import dev.nexus.projector.trace.Span.Attributes;
import dev.nexus.projector.trace.Span.Kind;
import dev.nexus.projector.trace.Span.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The spans of one execution. That of the execution itself is child of the caller's, or of that of
/// the outside event which started it; under it are its acceptance by the router and its tasks,
/// under a task the work of its executor, and under that the call of a model. Times are those of
/// the facts: of who did it where it says so, else of when the log took it. A child that began
/// before its parent, by another clock, begins with it.
///
/// @param began its first fact, without what it was given
/// @param road by which it came: http, grpc, mcp, trigger or oracle
/// @param accepted when the log took its first fact
record ExecutionSpans(
    TraceContext context, Envelope began, String component, String road, Instant accepted) {
  private static final String MCP = "mcp";
  private static final String TRIGGER = "trigger";
  private static final Source ROUTER = new Source("nexus-command-service", "");

  /// How an execution ended.
  ///
  /// @param failure "" for none
  /// @param tier what answered, "" for nothing
  /// @param written when the log took it
  record End(String result, String failure, String tier, Instant at, Instant written) {}

  List<Span> ofExecution(End end) {
    Attributes attributes =
        common()
            .with(SpanNames.ROAD, road)
            .with(SpanNames.RESULT, end.result())
            .with(SpanNames.TIER, end.tier())
            .with(SpanNames.ERROR_TYPE, end.failure());
    String name = "invoke " + component;
    if (road.equals(MCP)) {
      name = "tools/call " + component;
      attributes
          .with(SpanNames.MCP_METHOD, "tools/call")
          .with(SpanNames.OPERATION, "execute_tool")
          .with(SpanNames.TOOL, component);
    }
    Span execution =
        span(
            edge(),
            root(),
            parent(),
            name,
            kind(),
            began.occurredAt(),
            later(end.at(), end.written()),
            attributes,
            end.failure());
    Span acceptance =
        span(
            ROUTER,
            SpanIds.ofAcceptance(began.executionId()),
            root(),
            "accept " + component,
            Kind.CONSUMER,
            began.occurredAt(),
            accepted,
            common(),
            "");
    return List.of(execution, acceptance);
  }

  /// The task from when it was asked for until the router knew what came of it, the work on it, and
  /// the call of a model.
  List<Span> ofTask(Attempt attempt, WorkEnd end) {
    Span task = task(attempt, end.result(), end.failure(), later(end.at(), end.written()));
    List<Span> spans = new ArrayList<>(List.of(task));
    if (!end.instance().isEmpty()) {
      Span work = work(attempt, end, task);
      spans.add(work);
      if (attempt.lane() == Lane.MODEL) {
        spans.add(chat(attempt, end, work));
      }
    }
    return spans;
  }

  /// What the executor did. One that does a task at once does not say when it began.
  private Span work(Attempt attempt, WorkEnd end, Span task) {
    Instant started = attempt.started();
    Instant begin =
        later(task.begin(), started == null ? end.at().minus(end.usage().worked()) : started);
    Attributes attributes =
        attributes(attempt)
            .with(SpanNames.RESULT, end.result())
            .with(SpanNames.ERROR_TYPE, end.failure());
    boolean model = attempt.lane() == Lane.MODEL;
    if (!model) {
      attributes.with(SpanNames.OPERATION, "execute_tool").with(SpanNames.TOOL, component);
    }
    return span(
        new Source("nexus-sandbox-executor", end.instance()),
        SpanIds.ofWork(began.executionId(), attempt.task()),
        task.spanId(),
        (model ? "prompt " : "execute_tool ") + component,
        Kind.CONSUMER,
        begin,
        later(begin, end.at()),
        attributes,
        end.failure());
  }

  /// A task that nobody waits for any more.
  Span ofBrokenOff(Attempt attempt, End end) {
    return task(attempt, "broken_off", "", later(end.at(), end.written()));
  }

  private Span task(Attempt attempt, String result, String failure, Instant end) {
    TaskKey task = attempt.task();
    return span(
        ROUTER,
        SpanIds.ofTask(began.executionId(), task),
        root(),
        "task " + component,
        Kind.INTERNAL,
        later(began.occurredAt(), attempt.requested()),
        end,
        attributes(attempt).with(SpanNames.RESULT, result).with(SpanNames.ERROR_TYPE, failure),
        failure);
  }

  /// The work is a call of the model but for the making of the prompt and the reading of the
  /// answer. Calls that repair an answer are within it.
  private Span chat(Attempt attempt, WorkEnd end, Span work) {
    Usage usage = end.usage();
    Attributes attributes =
        common()
            .with(SpanNames.OPERATION, "chat")
            .with(SpanNames.PROVIDER, "openai")
            .with(SpanNames.MODEL, usage.model())
            .with(SpanNames.INPUT_TOKENS, usage.promptTokens())
            .with(SpanNames.OUTPUT_TOKENS, usage.completionTokens())
            .with(SpanNames.CALLS, usage.modelCalls())
            .with(SpanNames.COST, usage.costMicros())
            .with(SpanNames.ERROR_TYPE, end.failure());
    return span(
        work.source(),
        SpanIds.ofChat(began.executionId(), attempt.task()),
        work.spanId(),
        usage.model().isEmpty() ? "chat" : "chat " + usage.model(),
        Kind.CLIENT,
        later(work.begin(), work.end().minus(usage.worked())),
        work.end(),
        attributes,
        end.failure());
  }

  private Span span(
      Source source,
      String id,
      String parent,
      String name,
      Kind kind,
      Instant begin,
      Instant end,
      Attributes attributes,
      String failure) {
    Map<String, Object> values = attributes.values();
    return new Span(source, context.traceId(), id, parent, name, kind, begin, end, values, failure);
  }

  private Attributes common() {
    return new Attributes()
        .with(SpanNames.TENANT, began.tenantId().value())
        .with(SpanNames.APP, began.appId())
        .with(SpanNames.COMPONENT, component)
        .with(SpanNames.EXECUTION, began.executionId());
  }

  private Attributes attributes(Attempt attempt) {
    TaskKey task = attempt.task();
    return common()
        .with(SpanNames.STEP, task.step())
        .with(SpanNames.ROLE, task.role().name())
        .with(SpanNames.ATTEMPT, task.attempt())
        .with(SpanNames.LANE, attempt.lane().name())
        .with(SpanNames.CANDIDATE, attempt.candidateHash());
  }

  private Source edge() {
    return switch (road) {
      case MCP -> new Source("nexus-mcp-gateway", "");
      case "oracle" -> new Source("nexus-oracle-stream", "");
      default -> ROUTER;
    };
  }

  private Kind kind() {
    return switch (road) {
      case TRIGGER -> Kind.CONSUMER;
      case "oracle" -> Kind.INTERNAL;
      default -> Kind.SERVER;
    };
  }

  private String parent() {
    return road.equals(TRIGGER) ? SpanIds.ofEvent(began) : context.parentId();
  }

  private String root() {
    return SpanIds.ofExecution(began.executionId());
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
