package dev.nexus.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.CallerJoined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.execution.ExecutionEvent.TurnReturned;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What `nexus.executions` says about one application and about the oracle's own work: who
/// answered, how fast, how right, for how much. A fact read twice counts once.
final class ExecutionLedger {
  static final String ORACLE_APP = "nexus.oracle";

  private final String appId;
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<Role, Usage> usageByRole = new EnumMap<>(Role.class);
  private final Map<String, CompletableFuture<Boolean>> waiting = new HashMap<>();
  private final CodeAnswers trials = new CodeAnswers();
  private final Map<String, Declined> firstDeclined = new LinkedHashMap<>();
  private Usage modelAnswers = Usage.NONE;
  private Usage oracleUsage = Usage.NONE;
  private long newestRoute = -1;
  private long servedOnNewestRoute = 0;
  private long audits = 0;
  private long deopts = 0;
  private long failedAttempts = 0;
  private long failedBeforeAnyAnswer = 0;
  private boolean answered = false;
  private String lastFailure = "";

  /// One execution as far as it went.
  private static final class Entry {
    private long sequence = 0;
    private Instant acceptedAt = Instant.EPOCH;
    private Json input = Json.NULL;
    private Optional<ExecutionSucceeded> result = Optional.empty();
    private Optional<Duration> took = Optional.empty();
    private Optional<Json> truth = Optional.empty();
    private Optional<Json> shadowed = Optional.empty();
    private String candidateHash = "";
    private long routeOffset = -1;
    private boolean failed = false;
  }

  ExecutionLedger(String appId) {
    this.appId = appId;
  }

  synchronized void apply(Event<ExecutionEvent> fact) {
    String app = fact.envelope().appId();
    if (!app.equals(appId) && !app.equals(ORACLE_APP)) {
      return;
    }
    Entry entry = entries.computeIfAbsent(fact.envelope().executionId(), _ -> new Entry());
    if (fact.envelope().sequence() <= entry.sequence) {
      return;
    }
    entry.sequence = fact.envelope().sequence();
    if (app.equals(appId)) {
      applyToApplication(entry, fact);
    } else {
      oracleUsage = oracleUsage.plus(usage(fact.body()).orElse(Usage.NONE));
      trials.apply(fact);
    }
  }

  private void applyToApplication(Entry entry, Event<ExecutionEvent> fact) {
    Instant at = fact.envelope().occurredAt();
    switch (fact.body()) {
      case ExecutionAccepted accepted -> {
        entry.acceptedAt = at;
        entry.input = accepted.input();
      }
      case ExecutionSucceeded succeeded -> {
        answered = true;
        entry.result = Optional.of(succeeded);
        entry.took = Optional.of(Duration.between(entry.acceptedAt, at));
        if (succeeded.tier() == Tier.CODE && entry.routeOffset == newestRoute) {
          servedOnNewestRoute++;
        }
        complete(fact, true);
      }
      case ExecutionFailed _, ExecutionCancelled _, ExecutionTimedOut _ -> {
        entry.failed = true;
        if (fact.body() instanceof ExecutionFailed(_, var detail)) {
          lastFailure = detail;
        }
        failedBeforeAnyAnswer += answered ? 0 : 1;
        complete(fact, false);
      }
      case TruthReported(var output) -> entry.truth = Optional.of(output);
      case StepStarted started -> begun(entry, started);
      case TaskSucceeded succeeded -> succeeded(entry, succeeded);
      case TaskFailed failed -> {
        failedAttempts++;
        spend(failed.task(), failed.usage());
      }
      case TaskDeoptimised deoptimised -> {
        if (deoptimised.task().role().servesCaller()) {
          declined(entry, deoptimised.reason());
        }
        spend(deoptimised.task(), deoptimised.usage());
      }
      case CallerJoined _,
          TaskRequested _,
          TaskStarted _,
          ExecutionQuarantined _,
          RecordParked _,
          TurnTaken _,
          TurnReturned _,
          LineJoined _,
          LineLeft _,
          ExecutionReleased _ -> {}
    }
  }

  private void begun(Entry entry, StepStarted step) {
    entry.candidateHash = step.candidateHash();
    entry.routeOffset = step.routeOffset();
    if (step.routeOffset() > newestRoute) {
      newestRoute = step.routeOffset();
      servedOnNewestRoute = 0;
    }
  }

  private void succeeded(Entry entry, TaskSucceeded fact) {
    Role role = fact.task().role();
    spend(fact.task(), fact.usage());
    if (role == Role.AUDIT) {
      audits++;
    } else if (role == Role.SHADOW) {
      entry.shadowed = Optional.of(fact.output());
    }
    if (role.servesCaller() && fact.usage().modelCalls() > 0) {
      modelAnswers = modelAnswers.plus(fact.usage());
    }
  }

  private void declined(Entry entry, String reason) {
    deopts++;
    firstDeclined.putIfAbsent(
        entry.candidateHash, new Declined(entry.candidateHash, subject(entry.input), reason));
  }

  /// Calls that code has served since the decision about who serves that was taken last.
  synchronized long servedOnNewestRoute() {
    return servedOnNewestRoute;
  }

  /// Requests that failed while none had been answered.
  synchronized long failedBeforeAnyAnswer() {
    return answered ? 0 : failedBeforeAnyAnswer;
  }

  /// What the newest failed request failed with, for a person; empty while none has.
  synchronized String lastFailure() {
    return lastFailure;
  }

  /// Done with true when the execution succeeds, with false when it ends otherwise.
  synchronized CompletableFuture<Boolean> completion(String executionId) {
    Entry entry = entries.get(executionId);
    if (entry != null && (entry.result.isPresent() || entry.failed)) {
      return CompletableFuture.completedFuture(!entry.failed);
    }
    return waiting.computeIfAbsent(executionId, _ -> new CompletableFuture<>());
  }

  /// What an execution was about, what a candidate made of its input and what was right, for a
  /// person.
  synchronized String counterexample(String executionId, String candidateHash, String fingerprint) {
    Entry entry = entries.get(executionId);
    if (entry == null) {
      return "execution " + executionId;
    }
    String said =
        entry
            .truth
            .flatMap(truth -> difference(entry, truth, candidateHash, fingerprint))
            .map(difference -> ": " + difference)
            .orElse("");
    return subject(entry.input) + " (execution " + executionId + ")" + said;
  }

  private Optional<String> difference(
      Entry entry, Json truth, String candidateHash, String fingerprint) {
    return trials
        .against(truth, candidateHash, fingerprint)
        .or(
            () ->
                entry.shadowed.map(
                    found ->
                        CodeAnswers.difference(
                            CanonicalJson.read(found), CanonicalJson.read(truth))));
  }

  /// An input that code was to answer and declined.
  ///
  /// @param candidateHash of the code
  /// @param subject what the input is about
  /// @param reason of the code
  record Declined(String candidateHash, String subject, String reason) {}

  /// The first declined input of each candidate, from number `from` on.
  synchronized List<Declined> firstDeclined(int from) {
    return firstDeclined.values().stream().skip(from).toList();
  }

  synchronized Served served(Tier tier) {
    List<Long> millis = new ArrayList<>();
    long judged = 0;
    long right = 0;
    for (Entry entry : entries.values()) {
      if (entry.result.filter(result -> result.tier() == tier).isEmpty()) {
        continue;
      }
      millis.add(entry.took.orElse(Duration.ZERO).toMillis());
      if (entry.truth.isPresent()) {
        judged++;
        if (same(entry.truth.get(), entry.result.get().output())) {
          right++;
        }
      }
    }
    return Served.of(millis, judged, right);
  }

  synchronized Totals totals() {
    long requests = 0;
    long failed = 0;
    for (Entry entry : entries.values()) {
      if (!entry.acceptedAt.equals(Instant.EPOCH)) {
        requests++;
      }
      if (entry.failed) {
        failed++;
      }
    }
    Usage application = usageByRole.values().stream().reduce(Usage.NONE, Usage::plus);
    return new Totals(
        requests,
        failed,
        deopts,
        failedAttempts,
        application,
        new Audits(audits, usageByRole.getOrDefault(Role.AUDIT, Usage.NONE)),
        oracleUsage,
        modelAnswers);
  }

  /// @param requests accepted
  /// @param failed ended without an answer
  /// @param deopts inputs the code declined and the model answered
  /// @param failedAttempts attempts at tasks that failed, repeated or not
  /// @param application what the application's own tasks used, audits among them
  /// @param audits calls that the model answered after code had, and what that used
  /// @param oracle what synthesis and evaluation used
  /// @param modelAnswers what the answers that models gave to callers used
  record Totals(
      long requests,
      long failed,
      long deopts,
      long failedAttempts,
      Usage application,
      Audits audits,
      Usage oracle,
      Usage modelAnswers) {
    Usage spent() {
      return application.plus(oracle);
    }
  }

  /// @param count audits that came to an answer; shadow runs and canary calls are none
  /// @param usage what all attempts at audits used
  record Audits(long count, Usage usage) {}

  private void complete(Event<ExecutionEvent> fact, boolean succeeded) {
    CompletableFuture<Boolean> waiter = waiting.remove(fact.envelope().executionId());
    if (waiter != null) {
      waiter.complete(succeeded);
    }
  }

  private void spend(TaskKey task, Usage usage) {
    usageByRole.merge(task.role(), usage, Usage::plus);
  }

  private static Optional<Usage> usage(ExecutionEvent fact) {
    return switch (fact) {
      case TaskSucceeded succeeded -> Optional.of(succeeded.usage());
      case TaskFailed failed -> Optional.of(failed.usage());
      case TaskDeoptimised deoptimised -> Optional.of(deoptimised.usage());
      case ExecutionAccepted _,
          CallerJoined _,
          StepStarted _,
          TaskRequested _,
          TaskStarted _,
          ExecutionSucceeded _,
          ExecutionFailed _,
          ExecutionCancelled _,
          ExecutionTimedOut _,
          TruthReported _,
          ExecutionQuarantined _,
          RecordParked _,
          TurnTaken _,
          TurnReturned _,
          LineJoined _,
          LineLeft _,
          ExecutionReleased _ ->
          Optional.empty();
    };
  }

  private static String subject(Json input) {
    JsonNode node = CanonicalJson.read(input);
    String repository = node.path("payload").path("repository").path("full_name").asText("");
    return node.path("event").asText("?") + (repository.isEmpty() ? "" : " in " + repository);
  }

  private static boolean same(Json one, Json other) {
    return CanonicalJson.write(CanonicalJson.read(one))
        .equals(CanonicalJson.write(CanonicalJson.read(other)));
  }
}
