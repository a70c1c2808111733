package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;

import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.ExecutionCommand.CancelExecution;
import dev.nexus.command.execution.ExecutionCommand.ContinueExecution;
import dev.nexus.command.execution.ExecutionCommand.GiveUpTask;
import dev.nexus.command.execution.ExecutionCommand.PassTime;
import dev.nexus.command.execution.ExecutionCommand.ReportOutcome;
import dev.nexus.command.execution.ExecutionCommand.ReportTruth;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.OutcomeEvent.WorkDeoptimised;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Commands at random, sensible and senseless ones, against one execution.
final class RandomExecution {
  private final Random random;
  private final List<Event<ExecutionEvent>> facts = new ArrayList<>();
  private final List<Consequence> consequences = new ArrayList<>();
  private final List<Asked> asked = new ArrayList<>();
  private ExecutionState state = new Absent();
  private Instant now = BEGIN;

  /// A command and when it came.
  record Asked(ExecutionCommand command, Instant at) {}

  RandomExecution(long seed) {
    random = new Random(seed);
  }

  ExecutionState state() {
    return state;
  }

  List<Event<ExecutionEvent>> facts() {
    return facts;
  }

  List<Asked> asked() {
    return asked;
  }

  List<Consequence> consequences() {
    return consequences;
  }

  RandomExecution run(int commands) {
    for (int i = 0; i < commands; i++) {
      now = now.plusMillis(random.nextInt(20_000));
      ask(command());
    }
    return this;
  }

  /// Lets time pass until nothing is open; released and discarded where it stands still.
  RandomExecution settle() {
    if (state instanceof Absent) {
      ask(new StartExecution(Samples.request(Samples.INPUT, caller()), plan()));
    }
    for (int i = 0; i < 50; i++) {
      now = now.plus(Duration.ofMinutes(20));
      ask(Samples.release(true, ReplyAddress.NOBODY));
      ask(new PassTime(Samples.POLICY));
      state.allWorks().forEach(w -> ask(new GiveUpTask(w.task(), Samples.POLICY)));
    }
    return this;
  }

  private void ask(ExecutionCommand command) {
    asked.add(new Asked(command, now));
    switch (ExecutionDecider.decide(state, command, now)) {
      case Accepted(var decided) -> decided.forEach(this::fold);
      case Decision.Impossible(var why) -> {
        if (state.begun().isPresent()) {
          fold(new ExecutionQuarantined(why));
        }
      }
      case Decision.AnsweredAgain _, Decision.Rejected _, Decision.Ignored _ -> {}
    }
  }

  private void fold(ExecutionEvent body) {
    Event<ExecutionEvent> fact = DeciderSpec.fact(body, state.sequence() + 1, now);
    ExecutionState before = state;
    state = ExecutionFold.apply(before, fact);
    facts.add(fact);
    consequences.addAll(Consequences.of(before, fact));
  }

  private ExecutionCommand command() {
    return switch (random.nextInt(14)) {
      case 0, 1 ->
          new StartExecution(
              Samples.request(random.nextInt(10) == 0 ? new Json("2") : Samples.INPUT, caller()),
              plan());
      case 2 -> new ContinueExecution(plan());
      case 3 ->
          random.nextInt(4) == 0
              ? new CancelExecution("random", caller())
              : new ContinueExecution(plan());
      case 4 -> new ReportTruth(Samples.OUTPUT, "key:" + random.nextInt(3));
      case 5 -> Samples.release(random.nextInt(4) == 0, caller());
      case 6, 7 -> new PassTime(Samples.POLICY);
      case 8 -> new GiveUpTask(task(), Samples.POLICY);
      default -> new ReportOutcome(outcome(), Samples.POLICY);
    };
  }

  private ReplyAddress caller() {
    return switch (random.nextInt(3)) {
      case 0 -> Samples.CALLER;
      case 1 -> Samples.OTHER_CALLER;
      default -> ReplyAddress.NOBODY;
    };
  }

  private Plan plan() {
    return switch (random.nextInt(8)) {
      case 0, 1 -> new Plan.Unknown();
      case 2 -> new Plan.Missing("no such component");
      case 3 -> Samples.known(Samples.MODEL_SERVES);
      case 4 -> Samples.known(Samples.MODEL_SERVES_SHADOWED);
      case 5 -> Samples.known(Samples.CODE_SERVES);
      default -> Samples.known(Samples.CODE_SERVES_AUDITED);
    };
  }

  /// Mostly a task that was asked for, now and then one that never was.
  private TaskKey task() {
    List<Work> works = state.allWorks();
    if (works.isEmpty() || random.nextInt(20) == 0) {
      Role role = Role.values()[random.nextInt(Role.values().length)];
      return new TaskKey(1 + random.nextInt(2), role, 1 + random.nextInt(3));
    }
    TaskKey task = works.get(random.nextInt(works.size())).task();
    return random.nextInt(4) == 0
        ? new TaskKey(task.step(), task.role(), Math.max(1, task.attempt() - 1))
        : task;
  }

  private OutcomeEvent outcome() {
    TaskKey task = task();
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> new WorkStarted(task, Samples.EXECUTOR, Samples.LEASE);
      case 3 -> new WorkContinued(task, Samples.EXECUTOR);
      case 4 -> new WorkSucceeded(task, Samples.EXECUTOR, Samples.OUTPUT, Usage.NONE);
      case 5 -> new WorkDeoptimised(task, Samples.EXECUTOR, "declined", Usage.NONE);
      default ->
          new WorkFailed(
              task,
              Samples.EXECUTOR,
              FailureClass.values()[random.nextInt(FailureClass.values().length)],
              "it broke",
              Duration.ofMillis(random.nextInt(3_000)),
              Usage.NONE);
    };
  }
}
