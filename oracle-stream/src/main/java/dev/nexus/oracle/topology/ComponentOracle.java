package dev.nexus.oracle.topology;

import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.evidence.EProcess;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.oracle.evidence.CandidateEvidence;
import dev.nexus.oracle.evidence.Tally;
import dev.nexus.oracle.generation.GeneratedCode;
import dev.nexus.oracle.generation.SynthesisRequest;
import dev.nexus.oracle.hotness.Traffic;
import dev.nexus.oracle.promotion.PromotionCommand;
import dev.nexus.oracle.promotion.PromotionCommand.ChangeIdentity;
import dev.nexus.oracle.promotion.PromotionCommand.ConsiderCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.CountServed;
import dev.nexus.oracle.promotion.PromotionCommand.GiveUp;
import dev.nexus.oracle.promotion.PromotionCommand.ProposeCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.RefuseCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.WeighEvidence;
import dev.nexus.oracle.promotion.PromotionCommand.Withdraw;
import dev.nexus.oracle.promotion.PromotionDecider;
import dev.nexus.oracle.promotion.PromotionFold;
import dev.nexus.oracle.promotion.PromotionState;
import dev.nexus.oracle.promotion.PromotionState.Canarying;
import dev.nexus.oracle.promotion.PromotionState.Cooling;
import dev.nexus.oracle.promotion.PromotionState.Prompted;
import dev.nexus.oracle.promotion.PromotionState.Proposal;
import dev.nexus.oracle.promotion.PromotionState.Request;
import dev.nexus.oracle.promotion.PromotionState.Shadowing;
import dev.nexus.oracle.promotion.PromotionState.Synthesizing;
import dev.nexus.oracle.promotion.PromotionState.Verifying;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import dev.nexus.oracle.topology.Call.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All that is known and decided about one component. Everything that comes in leads to records in
/// the outbox; the state is changed by the fold of those records only.
final class ComponentOracle {
  private static final Logger LOG = LoggerFactory.getLogger(ComponentOracle.class);

  private final ComponentKey key;
  private final Outbox outbox;
  private final SystemApplication system;
  private final EvidenceBooks books = new EvidenceBooks();
  private final Serving serving = new Serving();
  private PromotionState state = PromotionState.NEW;
  private long decisions;
  private Optional<Definitions.Known> definition = Optional.empty();
  private Optional<Definitions.Known> replaced = Optional.empty();
  private Recordings recordings = new Recordings();
  private Traffic traffic = new Traffic();
  private TrialRuns trials = new TrialRuns();
  private boolean missedGenerator;

  ComponentOracle(ComponentKey key, Outbox outbox, SystemApplication system) {
    this.key = key;
    this.outbox = outbox;
    this.system = system;
  }

  // --- what the log already holds ---

  /// Folds a decision of the log.
  void replay(PromotionEvent event) {
    state = PromotionFold.apply(state, event);
    decisions++;
  }

  EvidenceBooks books() {
    return books;
  }

  Serving serving() {
    return serving;
  }

  // --- what comes in ---

  /// Takes the definition that is current now; a new identity begins with nothing recorded.
  void define(Optional<Definitions.Known> now) {
    boolean changed =
        !now.map(Definitions.Known::identity).equals(definition.map(Definitions.Known::identity));
    if (changed) {
      replaced = definition.or(() -> replaced);
      recordings = new Recordings();
      traffic = new Traffic();
      trials = new TrialRuns();
    }
    definition = now;
  }

  boolean hasIdentity(String identity) {
    return definition.map(d -> d.identity().equals(identity)).orElse(false);
  }

  /// A call began in the identity the component has now.
  void called(Call call, Json input, Cause cause) {
    traffic.observe(call.fingerprint(), cause.at());
    recordings.add(call, input);
  }

  /// Something about a call became known.
  void heard(Calls.News news, Cause cause) {
    Call call = news.call();
    if (definition.isEmpty() || !hasIdentity(state.history().identity())) {
      return;
    }
    if (news.served()) {
      serving.count(call);
    }
    Optional<Proposal> code = state.code();
    if (code.isEmpty()) {
      return;
    }
    String hash = code.get().candidate().candidateHash();
    if (state instanceof Shadowing || state instanceof Canarying) {
      if (call.shadowHash().equals(hash)) {
        compare(call, Phase.SHADOW, call.shadowed(), cause);
      }
    }
    if (state.serving() && call.servingHash().equals(hash)) {
      compare(call, call.audited() ? Phase.AUDIT : Phase.CANARY, call.served(), cause);
    }
  }

  private void compare(Call call, Phase phase, Optional<CodeAnswer> code, Cause cause) {
    ComponentDefinition component = definition.orElseThrow().component();
    if (code.isPresent() && mayCount(call, phase, state.openRequest().orElseThrow())) {
      Comparison.of(code.get(), call.right(truth()), component.comparator())
          .ifPresent(result -> count(call, phase, result, cause));
    }
  }

  private void count(Call call, Phase phase, Result result, Cause cause) {
    Candidate candidate = state.code().orElseThrow().candidate();
    var event =
        new ComparisonCounted(
            subject(),
            candidate,
            call.fingerprint(),
            call.execution(),
            phase,
            result,
            truth().decidedBy(),
            book()
                .with(phase, result)
                .verdict(decider().alpha(candidate.candidateNumber()), decider().epsilon()));
    books.apply(event, call.position());
    outbox.evidence(key, event, call.position(), cause);
  }

  private boolean mayCount(Call call, Phase phase, Request request) {
    return CandidateEvidence.countsOnceAnInput(phase)
        ? !book().hasInput(call.fingerprint())
            && !request.shown().contains(call.fingerprint())
            && request.seal().allows(call.position())
        : !book().hasCall(call.execution());
  }

  // --- what follows ---

  /// Decides everything that is due now.
  ///
  /// @param read for each partition of nexus.executions, the offset behind the last record taken
  /// @param answers answers of the system application that nobody has taken yet, by execution
  void advance(Map<Integer, Long> read, Map<String, SystemAnswer> answers, Cause cause) {
    boolean moved = true;
    while (moved) {
      moved =
          followDefinition(cause)
              || synthesise(answers, cause)
              || weigh(answers, cause)
              || consider(read, cause);
      serving
          .follow(subject(), state, policy(), truth() == Truth.REPORTED)
          .ifPresent(route -> outbox.route(key, route, decisions, cause));
    }
  }

  private boolean followDefinition(Cause cause) {
    if (definition.isEmpty()) {
      return decide(new Withdraw(Definitions.NOT_PROMOTABLE, tally()), cause);
    }
    Definitions.Known now = definition.get();
    String reason = now.changesSince(state.history().identity(), replaced);
    return decide(new ChangeIdentity(now.identity(), reason, tally()), cause);
  }

  private boolean weigh(Map<String, SystemAnswer> answers, Cause cause) {
    if (definition.isEmpty() || state.code().isEmpty()) {
      return false;
    }
    boolean sealedDone = !(state instanceof Verifying) || tryOut(answers, cause);
    return decide(new WeighEvidence(tally(), sealedDone, counterexamples()), cause)
        || decide(
            new CountServed(
                serving.served(), serving.consecutiveErrors(), tally(), counterexamples()),
            cause);
  }

  /// Takes the trial runs that have ended and asks for those that are due; true when none is left.
  private boolean tryOut(Map<String, SystemAnswer> answers, Cause cause) {
    Request request = state.openRequest().orElseThrow();
    Proposal proposal = state.code().orElseThrow();
    List<Call> sealed = recordings.sealed(request.seal(), request.shown(), truth());
    List<Call> due;
    do {
      trials.ended(answers).forEach((call, answer) -> tried(call, answer, cause));
      due = trials.due(sealed, book()::hasInput);
      for (Call call : due) {
        String execution =
            SystemApplication.evaluationExecution(
                key, subject(), proposal.candidate().candidateHash(), call.fingerprint());
        trials.started(execution, call);
        if (!answers.containsKey(execution)) {
          Json input = recordings.input(call.fingerprint()).orElse(Json.NULL);
          if (SystemApplication.canEvaluate(proposal.source(), input)) {
            Json trial = SystemApplication.evaluationInput(proposal.source(), input);
            outbox.request(system.invoke(key, SystemApplication.EVALUATE, execution, trial, cause));
          } else {
            answers.put(
                execution, new SystemAnswer.Failure("too large to be sent with the code", false));
          }
        }
      }
    } while (!due.isEmpty());
    return trials.done(sealed, book()::hasInput);
  }

  private void tried(Call call, SystemAnswer answer, Cause cause) {
    Optional<CodeAnswer> shown = answer.ofTrial();
    if (shown.isPresent()) {
      compare(call, Phase.SEALED, shown, cause);
    } else {
      LOG.atWarn()
          .addKeyValue("component", key)
          .addKeyValue("input", call.fingerprint())
          .addKeyValue("answer", answer)
          .log("a sealed input is left out: its trial run showed nothing");
      trials.showedNothing(call);
    }
  }

  /// Takes the generator's answer when it is there.
  private boolean synthesise(Map<String, SystemAnswer> answers, Cause cause) {
    if (definition.isEmpty() || !(state instanceof Synthesizing(_, var request))) {
      return false;
    }
    SystemAnswer answer = answers.remove(request.synthesisExecution());
    return switch (answer) {
      case null -> false;
      case SystemAnswer.Failure(var detail, _) ->
          decide(new RefuseCandidate("no code came: " + detail, ""), cause);
      case SystemAnswer.Output(var output) ->
          decide(
              switch (GeneratedCode.of(output, shownInputs(), judgedInputs())) {
                case GeneratedCode.Refused(var reason) ->
                    new RefuseCandidate(reason, CanonicalJson.fingerprint(output));
                case GeneratedCode.Guarded(var source, var hash, var paths) ->
                    new ProposeCandidate(source, hash, paths);
              },
              cause);
    };
  }

  private boolean consider(Map<Integer, Long> read, Cause cause) {
    boolean free =
        state instanceof Prompted
            || (state instanceof Cooling(_, var until) && !cause.at().isBefore(until));
    if (!free || definition.isEmpty() || !traffic.hotness().isHot(policy())) {
      return false;
    }
    if (!system.available(key.tenant())) {
      if (!missedGenerator) {
        LOG.atWarn()
            .addKeyValue("component", key)
            .log("hot, but no generator: application nexus.oracle is not published");
      }
      missedGenerator = true;
      return false;
    }
    Optional<CandidatePlan> plan =
        CandidatePlan.of(
            new CandidatePlan.Known(recordings, books, state.history(), definition.get()), read);
    return plan.isPresent()
        && decide(
            new ConsiderCandidate(
                traffic.hotness(),
                plan.get().seal(),
                plan.get().shown(),
                SystemApplication.synthesisExecution(key, definition.get().identity(), decisions)),
            cause)
        && ask(plan.get(), cause);
  }

  /// Asks the generator. The examples of an identity never change, so where none of them fits into
  /// a request no later attempt could do better.
  private boolean ask(CandidatePlan plan, Cause cause) {
    if (plan.request().isEmpty()) {
      return decide(
          new GiveUp(
              "no example fits into a request for code: at most "
                  + SynthesisRequest.MOST_CHARACTERS
                  + " characters of definition, input and output expected, found more"),
          cause);
    }
    outbox.request(
        system.invoke(
            key,
            SystemApplication.SYNTHESIZE,
            state.openRequest().orElseThrow().synthesisExecution(),
            plan.request().get().toJson(),
            cause));
    return true;
  }

  private boolean decide(PromotionCommand command, Cause cause) {
    List<PromotionEvent> events = decider().decide(state, command, cause.at()).events();
    Tally decidedOn = tally();
    for (PromotionEvent event : events) {
      state = PromotionFold.apply(state, event);
      decisions++;
      outbox.promotion(key, event, decisions, cause);
      if (event instanceof CandidateRequested) {
        trials = new TrialRuns();
      }
      LOG.atInfo()
          .addKeyValue("component", key)
          .addKeyValue("event", event.getClass().getSimpleName())
          .addKeyValue("stage", state.stage())
          .addKeyValue("comparisons", decidedOn.comparisons())
          .addKeyValue("disagreements", decidedOn.disagreements())
          .log("promotion decided");
    }
    return !events.isEmpty();
  }

  // --- views ---

  /// Whether answers of the system application may be awaited.
  boolean awaitsAnswers() {
    return state instanceof Synthesizing || state instanceof Verifying;
  }

  private PromotionDecider decider() {
    return new PromotionDecider(subject(), policy());
  }

  private Subject subject() {
    return new Subject(
        key.componentId(),
        definition.map(Definitions.Known::identity).orElse(state.history().identity()));
  }

  private PromotionPolicy policy() {
    return definition.map(d -> d.component().promotion()).orElse(PromotionPolicy.OFF);
  }

  private Truth truth() {
    return definition.map(d -> Truth.of(d.component().truth())).orElse(Truth.REPORTED);
  }

  private CandidateEvidence book() {
    return books.book(
        state.history().identity(),
        state.openRequest().map(Request::candidateNumber).orElse(0),
        EProcess.epsilonOf(policy().target()));
  }

  private Tally tally() {
    return state.openRequest().isPresent() ? book().tally() : Tally.NONE;
  }

  private List<String> counterexamples() {
    List<String> failed = new ArrayList<>(book().inputs(Result.DISAGREED, Result.ERROR));
    failed.addAll(book().inputs(Result.DEOPTED));
    return failed;
  }

  private List<Json> shownInputs() {
    return recordings.inputs(state.openRequest().map(Request::shown).orElse(List.of()));
  }

  private List<Json> judgedInputs() {
    return recordings.inputs(books.counted(state.history().identity()));
  }
}
