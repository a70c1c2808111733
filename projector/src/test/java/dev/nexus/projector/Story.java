package dev.nexus.projector;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The facts of one execution, as a router would write them: one after the other, ten milliseconds
/// apart.
public final class Story {
  public static final TenantId TENANT = TenantId.DEFAULT;
  public static final Instant BEGIN = Instant.parse("2026-11-20T08:00:00Z");
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);

  private final ExecutionId id;
  private final String app;
  private final List<Event<ExecutionEvent>> facts = new ArrayList<>();
  private Instant now;

  private Story(String name, String app, Instant begin) {
    this.id = new ExecutionId(NameIds.uuid5("story", name));
    this.app = app;
    this.now = begin;
  }

  public static Story of(String name) {
    return of(name, "triage", BEGIN);
  }

  public static Story of(String name, String app, Instant begin) {
    return new Story(name, app, begin);
  }

  public ExecutionId id() {
    return id;
  }

  public List<Event<ExecutionEvent>> facts() {
    return facts;
  }

  public Event<ExecutionEvent> last() {
    return facts.getLast();
  }

  public Story then(ExecutionEvent fact) {
    long sequence = facts.size() + 1L;
    var envelope =
        new Envelope(
            NameIds.uuid5("fact", id.toString(), Long.toString(sequence)),
            now,
            TENANT,
            app,
            id.toString(),
            sequence,
            "",
            id.toString(),
            "key:test",
            "",
            Position.NONE);
    facts.add(new Event<>(envelope, fact));
    now = now.plusMillis(10);
    return this;
  }

  public Story after(Duration time) {
    now = now.plus(time);
    return this;
  }

  public Story accepted(String component) {
    return then(
        new ExecutionAccepted(
            component,
            "digest",
            new Json("{\"n\":1}"),
            "body",
            now.plusSeconds(30),
            ReplyAddress.NOBODY,
            "http"));
  }

  /// Accepted, and waiting in a line.
  public Story waiting(String component, Line line) {
    return then(
        new ExecutionAccepted(
            component,
            "digest",
            new Json("{\"n\":1}"),
            "body",
            now.plus(Duration.ofDays(366)),
            ReplyAddress.NOBODY,
            "trigger",
            line));
  }

  public Story step(Tier tier) {
    then(new StepStarted(1, tier, "identity", tier == Tier.CODE ? "hash" : "", -1, false));
    return then(
        new TaskRequested(
            SERVE, tier == Tier.MODEL ? Lane.MODEL : Lane.CODE, "", now.plusSeconds(60)));
  }

  public Story worked(Usage usage, String output) {
    then(new TaskStarted(SERVE, "executor-1", Duration.ofSeconds(30)));
    return then(new TaskSucceeded(SERVE, "executor-1", new Json(output), usage));
  }

  public Story succeeded(Tier tier, String output) {
    return then(new ExecutionSucceeded(new Json(output), tier));
  }

  public Story failed() {
    return then(new ExecutionFailed(FailureClass.TIMEOUT, "it took too long"));
  }

  public Story truth(String output) {
    return then(new TruthReported(new Json(output)));
  }

  /// A whole execution that a model answered with `output`: eight facts with the truth.
  public Story answeredByModel(String component, String output) {
    return accepted(component)
        .step(Tier.MODEL)
        .worked(new Usage("gpt", 100, 20, 300, 1, Duration.ofMillis(8)), output)
        .succeeded(Tier.MODEL, output);
  }

  public Story answeredByCode(String component, String output) {
    return accepted(component)
        .step(Tier.CODE)
        .worked(Usage.ofTime(Duration.ofMillis(1)), output)
        .succeeded(Tier.CODE, output);
  }
}
