package dev.nexus.command.trigger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.expression.EventValues;
import dev.nexus.command.expression.NotEvaluatedException;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Excerpt;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRefused;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.LineRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.platform.blob.PayloadGoneException;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.blob.QuotaExceededException;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.RequestEvents;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.Fault;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what an outside event asks for. Besides the event, and its data where the log has not
/// got that, it sees the current versions of applications and the registered integrations, nothing
/// else; whether the event was decided before is not its matter.
final class EventDecider {
  private static final Logger LOG = LoggerFactory.getLogger(EventDecider.class);

  /// An event of this type reports the right output of an earlier one: its data is
  /// `{"source": …, "id": …, "output": …}`, `source` being its own when absent.
  static final String TRUTH = "dev.nexus.truth";

  static final String ROAD = "trigger";

  private static final int LONGEST_FOUND = 200;

  /// What the data of an event makes of a reason is as long as its sender likes.
  private static final int LONGEST_REASON = 1_000;

  /// @param refusals why some or all of it cannot be done
  record Decided(IngressEvent verdict, List<Event<RequestEvent>> requests, List<String> refusals) {
    Decided {
      requests = List.copyOf(requests);
      refusals = List.copyOf(refusals);
    }

    static Decided refused(Outside outside, String reason) {
      return new Decided(new EventRefused(outside, List.of(reason)), List.of(), List.of(reason));
    }
  }

  /// What is in force while it decides.
  interface Views {
    /// Returns once they have all that was there when it was called; throws
    /// `NotReadInTimeException` when that takes too long.
    void await(Duration patience);

    /// Current versions of a tenant's applications, by application id.
    List<Version> current(TenantId tenant);

    Optional<Integration> bySource(String source);

    static Views of(Integrations integrations, DefinitionCatalog catalog) {
      return new Views() {
        @Override
        public void await(Duration patience) {
          catalog.awaitCurrent(patience);
          integrations.awaitCurrent(patience);
        }

        @Override
        public List<Version> current(TenantId tenant) {
          return catalog.current(tenant);
        }

        @Override
        public Optional<Integration> bySource(String source) {
          return integrations.bySource(source);
        }
      };
    }
  }

  private final Views views;
  private final SchemaChecks schemas;
  private final Payloads payloads;
  private final TriggerPrograms programs = new TriggerPrograms();

  EventDecider(Views views, SchemaChecks schemas, Payloads payloads) {
    this.views = views;
    this.schemas = schemas;
    this.payloads = payloads;
  }

  /// Returns once it sees what is in force, else throws `NotReadInTimeException`.
  void await(Duration patience) {
    views.await(patience);
  }

  Decided decide(Envelope envelope, EventAccepted event) {
    List<Version> current = views.current(envelope.tenantId());
    try {
      var whole =
          new EventAccepted(event.outside(), payloads.content(envelope.tenantId(), event.data()));
      return event.outside().type().equals(TRUTH)
          ? truth(envelope, whole, current)
          : start(envelope, whole, current);
    } catch (PayloadGoneException | QuotaExceededException | MalformedJsonException e) {
      return Decided.refused(event.outside(), String.valueOf(e.getMessage()));
    }
  }

  /// What triggers made of an event so far.
  private record Draft(
      List<String> triggers,
      Set<String> started,
      List<Event<RequestEvent>> requests,
      List<String> refusals,
      List<String> remarks,
      List<String> unmet) {
    Draft() {
      this(
          new ArrayList<>(),
          new LinkedHashSet<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }

    /// @param idle what is said where nothing came into question
    Decided decided(Outside outside, Supplier<String> idle) {
      List<String> all = new ArrayList<>(refusals);
      all.addAll(remarks);
      List<String> executions =
          requests.stream()
              .filter(request -> !(request.body() instanceof LineRequested))
              .map(request -> request.envelope().executionId())
              .toList();
      IngressEvent verdict =
          !requests.isEmpty()
              ? new EventMatched(outside, List.copyOf(triggers), executions, List.copyOf(all))
              : refusals.isEmpty()
                  ? new EventUnmatched(outside, List.copyOf(remarks), unmatched(idle))
                  : new EventRefused(outside, List.copyOf(all));
      return new Decided(verdict, requests, refusals);
    }

    /// Why nothing was started, though nothing went wrong: not even what a remark says.
    private List<String> unmatched(Supplier<String> idle) {
      return remarks.isEmpty() && unmet.isEmpty() ? List.of(idle.get()) : List.copyOf(unmet);
    }
  }

  /// A component is started once an event, by the first trigger that can. An event that starts
  /// nothing is no fault: an application may be applied later.
  private Decided start(Envelope envelope, EventAccepted event, List<Version> current) {
    Draft draft = new Draft();
    EventValues values = new EventValues(event);
    for (Triggers.Match match : Triggers.of(current, event.outside(), envelope.appId())) {
      if (!draft.started().contains(match.target())) {
        start(envelope, event, match, values, draft);
      }
    }
    return draft.decided(
        event.outside(), () -> NearMiss.of(current, event.outside(), envelope.appId()));
  }

  /// What fails in one trigger, such as a schema that is none in a version that no service has
  /// published, is refused for that one: others have nothing to do with it.
  private void start(
      Envelope envelope,
      EventAccepted event,
      Triggers.Match match,
      EventValues values,
      Draft draft) {
    try {
      if (fits(match, values, draft)) {
        what(match, values, draft)
            .ifPresent(
                what -> {
                  var requests = invocation(envelope, event, match, what);
                  draft.started().add(match.target());
                  draft.triggers().add(match.name());
                  draft.requests().addAll(requests);
                });
      }
    } catch (UncheckedIOException
        | PayloadGoneException
        | QuotaExceededException
        | MalformedJsonException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      LOG.atError().setCause(e).addKeyValue("trigger", match.name()).log("a trigger failed");
      draft.refusals().add(Excerpt.of(match.name() + " failed: " + e, LONGEST_REASON));
    }
  }

  /// A condition that cannot be evaluated is not met, and the verdict says why.
  private boolean fits(Triggers.Match match, EventValues values, Draft draft) {
    try {
      boolean met = programs.of(match).accepts(values);
      if (!met) {
        draft.unmet().add("the condition of " + match.name() + " is not met");
      }
      return met;
    } catch (NotEvaluatedException e) {
      draft.remarks().add(why("the condition of ", match, e));
      return false;
    }
  }

  /// What a component is given, and whom it waits for.
  private record What(JsonNode input, Line line) {}

  private Optional<What> what(Triggers.Match match, EventValues values, Draft draft) {
    JsonNode input;
    try {
      input = programs.of(match).input(values);
    } catch (NotEvaluatedException e) {
      draft.refusals().add(why("the input of ", match, e));
      return Optional.empty();
    }
    List<Fault> faults = schemas.checkInput(match.digest(), match.component(), input);
    if (!faults.isEmpty()) {
      draft.refusals().add(refusal("the data is no valid input of ", match, faults));
      return Optional.empty();
    }
    try {
      return Optional.of(new What(input, line(match, values)));
    } catch (NotEvaluatedException e) {
      draft.refusals().add(why("the orderBy of ", match, e));
      return Optional.empty();
    }
  }

  private Line line(Triggers.Match match, EventValues values) throws NotEvaluatedException {
    Optional<String> value = programs.of(match).orderedBy(values);
    return value.isEmpty()
        ? Line.NOBODY
        : Line.of(
            match.version().tenant(), match.appId(), match.trigger().triggerId(), value.get());
  }

  /// The start of a component, and its place in a line. Both are written together, so that places
  /// are given in the order in which events are decided, and the start is on the log before the
  /// line can give it its turn.
  private List<Event<RequestEvent>> invocation(
      Envelope cause, EventAccepted event, Triggers.Match match, What what) {
    Call call =
        new Call(
            origin(cause),
            match.appId(),
            match.component().componentId(),
            match.digest(),
            payloads.keepInput(cause.tenantId(), new Json(CanonicalJson.write(what.input()))),
            Duration.ZERO,
            Optional.empty());
    Outside outside = event.outside();
    ExecutionId execution = executionId(cause, match, outside.source(), outside.sourceEventId());
    RequestEvent start = RequestEvents.invocation(call, ReplyAddress.NOBODY).in(what.line());
    List<Event<RequestEvent>> requests = new ArrayList<>();
    requests.add(request("trigger", cause, outside, match.appId(), execution, start));
    if (what.line().exists()) {
      var place = new LineRequested(execution, cause.occurredAt(), cause.input().inputOffset());
      requests.add(request("line", cause, outside, match.appId(), what.line().id(), place));
    }
    return requests;
  }

  private Decided truth(Envelope envelope, EventAccepted event, List<Version> current) {
    Outside outside = event.outside();
    JsonNode data = CanonicalJson.read(event.data());
    JsonNode output = data.get("output");
    String id = data.path("id").asText("");
    if (id.isEmpty() || output == null) {
      return Decided.refused(
          outside,
          TRUTH + " expects data {\"id\": …, \"output\": …}, found " + shortened(data.toString()));
    }
    String source = data.path("source").asText(outside.source());
    Optional<Integration> about =
        views.bySource(source).filter(i -> i.tenant().equals(envelope.tenantId()));
    if (about.isEmpty()) {
      return Decided.refused(
          outside, "source '" + shortened(source) + "' in the data is not registered");
    }
    if (!about.get().appId().equals(envelope.appId())) {
      return Decided.refused(
          outside,
          "source '"
              + shortened(source)
              + "' in the data is of another application, and a truth is about one's own");
    }
    Draft draft = new Draft();
    String type = data.path("type").isTextual() ? data.path("type").asText() : "";
    for (Triggers.Match match : Triggers.startable(current, source, type, about.get().appId())) {
      List<Fault> faults = schemas.checkOutput(match.digest(), match.component(), output);
      if (faults.isEmpty()) {
        draft
            .requests()
            .add(
                request(
                    "truth",
                    envelope,
                    outside,
                    match.appId(),
                    executionId(envelope, match, source, id),
                    new TruthSubmitted(
                        payloads.keepOutput(
                            envelope.tenantId(), new Json(CanonicalJson.write(output))))));
      } else {
        draft.refusals().add(refusal("the truth is no valid output of ", match, faults));
      }
    }
    return draft.decided(
        outside,
        () ->
            "the truth is about nothing: no trigger selects events of source '"
                + shortened(source)
                + (type.isEmpty() ? "'" : "' and type '" + shortened(type) + "'"));
  }

  /// The same event asks with the same ids, however often it is decided.
  private static Event<RequestEvent> request(
      String kind,
      Envelope cause,
      Outside outside,
      String appId,
      ExecutionId execution,
      RequestEvent body) {
    UUID id = NameIds.uuid5(kind, execution.toString(), outside.source(), outside.sourceEventId());
    Event<RequestEvent> request =
        RequestEvents.event(id, cause.occurredAt(), origin(cause), appId, execution, body);
    return new Event<>(
        request.envelope().causedBy(cause.eventId(), cause.correlationId(), cause.traceparent()),
        body);
  }

  private static Origin origin(Envelope cause) {
    return new Origin(cause.tenantId(), cause.actor(), ROAD, cause.traceparent());
  }

  private static ExecutionId executionId(
      Envelope cause, Triggers.Match match, String source, String id) {
    return ExecutionId.ofSource(
        cause.tenantId(), match.appId(), match.component().componentId(), source, id);
  }

  private static String refusal(String what, Triggers.Match match, List<Fault> faults) {
    String found = faults.stream().limit(3).map(Fault::sentence).collect(Collectors.joining("; "));
    return Excerpt.of(what + match.target() + ": " + found, LONGEST_REASON);
  }

  private static String why(String what, Triggers.Match match, NotEvaluatedException e) {
    return Excerpt.of(what + match.name() + " " + e.getMessage(), LONGEST_REASON);
  }

  private static String shortened(String text) {
    return Excerpt.of(text, LONGEST_FOUND);
  }
}
