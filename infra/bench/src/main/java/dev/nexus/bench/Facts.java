package dev.nexus.bench;

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
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The facts of executions as a router writes them: one step that a model answers, with a shadow
/// task and the truth.
final class Facts {
  /// Facts of an execution.
  static final int EACH = 8;

  static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);
  private static final TaskKey SHADOW = new TaskKey(1, Role.SHADOW, 1);
  private static final Json ANSWER = new Json("{\"event\":\"issues\",\"action\":\"opened\"}");
  private static final Instant BEGIN = Instant.parse("2026-11-20T08:00:00Z");
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private Facts() {}

  /// Those of one execution that ended, in order.
  static List<Event<ExecutionEvent>> of(String name, long number) {
    return ended(name, number, BEGIN.plusMillis(number), new Position("nexus.outcomes", 1, number));
  }

  /// Those of an execution that was accepted at `now`, in order.
  static List<Event<ExecutionEvent>> ended(String name, long number, Instant now, Position input) {
    ExecutionId id = new ExecutionId(NameIds.uuid5("bench", name + number));
    Usage usage = new Usage("gpt", 100, 20, 300, 1, Duration.ofMillis(8));
    List<ExecutionEvent> bodies =
        List.of(
            new ExecutionAccepted(
                "classify",
                "digest",
                new Json("{\"text\":\"a line of a letter\"}"),
                "body",
                now.plusSeconds(30),
                ReplyAddress.NOBODY,
                "http"),
            new StepStarted(1, Tier.MODEL, "identity", "", -1, false),
            new TaskRequested(SERVE, Lane.MODEL, "", now.plusSeconds(60)),
            new TaskRequested(SHADOW, Lane.CODE, "hash", now.plusSeconds(60)),
            new TaskStarted(SERVE, "executor-1", Duration.ofSeconds(30)),
            new TaskSucceeded(SERVE, "executor-1", ANSWER, usage),
            new ExecutionSucceeded(ANSWER, Tier.MODEL),
            new TruthReported(ANSWER));
    return facts(id, now, bodies, input);
  }

  /// Those of an execution whose task waits, for a day at most, to be begun.
  static List<Event<ExecutionEvent>> open(String name, long number, Instant now) {
    Instant tomorrow = now.plus(Duration.ofDays(1));
    List<ExecutionEvent> bodies =
        List.of(
            new ExecutionAccepted(
                "classify",
                "digest",
                new Json("{\"text\":\"a line of a letter\"}"),
                "body",
                tomorrow,
                ReplyAddress.NOBODY,
                "http"),
            new StepStarted(1, Tier.MODEL, "identity", "", -1, false),
            new TaskRequested(SERVE, Lane.MODEL, "", tomorrow));
    ExecutionId id = new ExecutionId(NameIds.uuid5("bench", name + number));
    return facts(id, now, bodies, Position.NONE);
  }

  private static List<Event<ExecutionEvent>> facts(
      ExecutionId id, Instant now, List<ExecutionEvent> bodies, Position input) {
    List<Event<ExecutionEvent>> facts = new ArrayList<>(bodies.size());
    for (int i = 0; i < bodies.size(); i++) {
      facts.add(new Event<>(envelope(id, i + 1, now.plusMillis(10L * i), input), bodies.get(i)));
    }
    return facts;
  }

  private static Envelope envelope(ExecutionId id, long sequence, Instant at, Position input) {
    var eventId = NameIds.uuid5("bench-fact", id.toString(), Long.toString(sequence));
    return new Envelope(
        eventId,
        at,
        TenantId.DEFAULT,
        "triage",
        id.toString(),
        sequence,
        eventId.toString(),
        id.toString(),
        "key:abcdefgh",
        TRACE,
        input);
  }

  static String key(Event<ExecutionEvent> event) {
    return Keys.execution(event.envelope().tenantId(), event.envelope().execution());
  }
}
