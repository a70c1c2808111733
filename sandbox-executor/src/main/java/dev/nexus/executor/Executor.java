package dev.nexus.executor;

import dev.nexus.event.task.Lane;
import dev.nexus.executor.builtin.Builtins;
import dev.nexus.executor.builtin.CandidateEvaluation;
import dev.nexus.executor.builtin.Echo;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.CodeWork;
import dev.nexus.executor.command.CommandDenials;
import dev.nexus.executor.command.CommandWork;
import dev.nexus.executor.dispatch.ComponentDispatch;
import dev.nexus.executor.dispatch.Definitions;
import dev.nexus.executor.inbox.CancellationFollower;
import dev.nexus.executor.inbox.FastLane;
import dev.nexus.executor.inbox.LaneParts;
import dev.nexus.executor.inbox.LeaseKeeper;
import dev.nexus.executor.inbox.Outcomes;
import dev.nexus.executor.inbox.RunningTasks;
import dev.nexus.executor.inbox.SlowLane;
import dev.nexus.executor.inbox.TaskIntake;
import dev.nexus.executor.inbox.TaskMeter;
import dev.nexus.executor.inbox.TaskRunner;
import dev.nexus.executor.model.ChatModel;
import dev.nexus.executor.prompt.PromptWork;
import dev.nexus.executor.prompt.TemplateRenderer;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.work.Work;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;

/// The parts of an executor, put together. The lanes share the rest.
public final class Executor implements AutoCloseable {

  /// What the process gives every service.
  public record Host(
      Settings settings,
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      InstanceId instance,
      Clock clock,
      MeterRegistry meters) {}

  private final Host host;
  private final Work work;
  private final RunningTasks prompts = new RunningTasks();
  private final RunningTasks code = new RunningTasks();
  private final RunningTasks contained = new RunningTasks();
  private final TaskMeter meter;
  private final LeaseKeeper leases;
  private final Outcomes outcomes;

  public Executor(Host host, Work work) {
    this.host = host;
    this.work = work;
    this.meter =
        new TaskMeter(host.clients(), host.instance().value(), host.meters(), host.clock());
    this.outcomes = new Outcomes(host.producer(), host.instance(), host.clock());
    this.leases = new LeaseKeeper(outcomes);
  }

  private LaneParts parts(RunningTasks tasks) {
    return new LaneParts(
        new TaskIntake(host.deadLetters(), tasks, meter, host.clock()),
        new TaskRunner(work, tasks, leases, meter, host.clock()),
        tasks,
        outcomes,
        leases);
  }

  /// Everything an executor can do.
  public static Work work(
      Definitions definitions,
      ChatModel model,
      CodeRunner runner,
      CommandDenials denials,
      String defaultModel) {
    var outputs = new OutputCheck();
    var code = new CodeWork(runner, outputs, CodeLimits.DEFAULT);
    return new ComponentDispatch(
        definitions,
        new PromptWork(new TemplateRenderer(), model, defaultModel, outputs),
        code,
        new Builtins(List.of(new Echo(), new CandidateEvaluation(runner, CodeLimits.DEFAULT))),
        new CommandWork(code, denials));
  }

  public CancellationFollower cancellations() {
    return new CancellationFollower(
        host.clients(), List.of(prompts, code, contained), host.deadLetters());
  }

  public SlowLane modelLane() {
    return new SlowLane(
        host.clients(),
        Lane.MODEL,
        parts(prompts),
        host.settings().number(Setting.MODEL_PERMITS),
        host.settings().number(Setting.APPLICATION_PERMITS));
  }

  public SlowLane containerLane() {
    int permits = host.settings().number(Setting.CONTAINER_PERMITS);
    return new SlowLane(
        host.clients(),
        Lane.CONTAINER,
        parts(contained),
        permits,
        // Whoever waits for a container holds a permit: one application must not hold all of them.
        Math.min(host.settings().number(Setting.APPLICATION_PERMITS), Math.max(1, permits / 2)));
  }

  public FastLane codeLane() {
    return new FastLane(
        host.clients(),
        Lane.CODE,
        parts(code),
        host.settings().number(Setting.CODE_PERMITS),
        host.settings().number(Setting.APPLICATION_PERMITS));
  }

  @Override
  public void close() {
    leases.close();
    meter.close();
  }
}
