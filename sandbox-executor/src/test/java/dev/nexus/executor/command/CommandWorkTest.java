package dev.nexus.executor.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.AllowedCommand;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.CodeWork;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandWorkTest {
  private static final String OUTPUT = "{\"stdout\":\"2\\n\",\"stderr\":\"\",\"exit_code\":0}";
  private static final String REQUEST = "{\"command\":\"/usr/bin/jq\",\"args\":[\"-n\",\"1\"]}";

  private final List<CodeCall> calls = new ArrayList<>();
  private final List<String> denied = new ArrayList<>();

  private final ComponentDefinition component =
      Samples.contained(
          Samples.component(
              "run", HandlerType.BUILTIN, Map.of("function", "core.linux.executeCommand"), "{}"),
          "tools");

  private CodeRunner answering(CodeOutcome outcome) {
    return call -> {
      calls.add(call);
      return outcome;
    };
  }

  private static ApplicationDefinition application(
      ComponentDefinition component, PoolDefinition... pools) {
    return new ApplicationDefinition(
        Samples.APP,
        "Shop",
        "1",
        List.of(component),
        List.of(),
        List.of(),
        Map.of(),
        List.of(pools),
        List.of(new AllowedCommand("/usr/bin/jq", List.of("-n", "re:\\d+"))),
        List.of());
  }

  private WorkResult perform(CodeRunner runner, String input) throws InterruptedException {
    var tools = new PoolDefinition("tools", "", 0, 1, 1, 256L << 20);
    return perform(runner, input, application(component, tools));
  }

  private WorkResult perform(CodeRunner runner, String input, ApplicationDefinition application)
      throws InterruptedException {
    return work(runner, (_, command) -> denied.add(command))
        .perform(Samples.task("run", input), application, component);
  }

  private static CommandWork work(CodeRunner runner, CommandDenials denials) {
    return new CommandWork(new CodeWork(runner, new OutputCheck(), CodeLimits.DEFAULT), denials);
  }

  @Test
  void shouldRunWhatIsAllowedInThePoolOfItsComponent() throws InterruptedException {
    assertThat(perform(answering(new Result(new Json(OUTPUT))), REQUEST))
        .isEqualTo(new Succeeded(new Json(OUTPUT), Usage.NONE));

    CodeCall call = calls.getFirst();
    assertThat(call.program())
        .isEqualTo(
            new Command(call.task().envelope().tenantId(), "/usr/bin/jq", List.of("-n", "1")));
    assertThat(call.home()).isInstanceOf(Home.Pool.class);
    assertThat(((Home.Pool) call.home()).text()).isEqualTo("shop/tools");
    assertThat(call.limits().time()).isEqualTo(Duration.ofMillis(9_750));
    assertThat(denied).isEmpty();
  }

  @Test
  void shouldTakeTheShorterOfTheTimesOfCallerAndTask() throws InterruptedException {
    var answer = answering(new Result(new Json(OUTPUT)));
    perform(answer, REQUEST.replace("}", ",\"timeout_seconds\":0.5}"));
    perform(answer, REQUEST.replace("}", ",\"timeout_seconds\":3600}"));

    assertThat(calls)
        .extracting(call -> call.limits().time())
        .containsExactly(Duration.ofMillis(500), Duration.ofMillis(9_750));
  }

  @Test
  void shouldRefuseWhatIsNotAllowedBeforeAContainerHearsOfIt() throws InterruptedException {
    var answer = answering(new Result(new Json(OUTPUT)));

    assertFailed(
        perform(answer, "{\"command\":\"/bin/sh\",\"args\":[\"-c\",\"id\"]}"),
        FailureClass.PERMISSION,
        "the command '/bin/sh' is not allowed: one of [/usr/bin/jq] expected");
    assertFailed(
        perform(answer, REQUEST.replace("\"1\"", "\"-f\"")),
        FailureClass.PERMISSION,
        "args[1]: 're:\\d+'");
    assertThat(calls).isEmpty();
    assertThat(denied).containsExactly("/bin/sh", "/usr/bin/jq");
  }

  @Test
  void shouldSayWhatIsNoRequestAndAuditNothing() throws InterruptedException {
    assertFailed(
        perform(answering(new Result(new Json(OUTPUT))), "{\"cmd\":\"x\"}"),
        FailureClass.REFUSED,
        "input: one of [command, args, timeout_seconds] expected, found 'cmd'");
    assertThat(calls).isEmpty();
    assertThat(denied).isEmpty();
  }

  /// To be refused again, and audited then.
  @Test
  void shouldNotRefuseWhatCannotBeAudited() throws InterruptedException {
    CommandDenials none =
        (_, _) -> {
          throw new RequestNotAcceptedException("the log is away");
        };
    var application = application(component, new PoolDefinition("tools", "", 0, 1, 1, 256L << 20));

    WorkResult result =
        work(answering(new Result(new Json(OUTPUT))), none)
            .perform(Samples.task("run", "{\"command\":\"/bin/sh\"}"), application, component);

    assertFailed(result, FailureClass.UNREACHABLE, "cannot be audited now: the log is away");
    assertThat(FailureClass.UNREACHABLE.retryable()).isTrue();
  }

  @Test
  void shouldSayWhyThereIsNoContainer() throws InterruptedException {
    assertFailed(perform(Samples.IN_PROCESS, REQUEST), FailureClass.REFUSED, "no engine");
    assertFailed(
        perform(Samples.IN_PROCESS, REQUEST, application(component)),
        FailureClass.INVALID_DEFINITION,
        "run: a pool expected, as commands run in containers only, found none");
  }

  @Test
  void shouldStartNoProgramInItsOwnProcess() throws InterruptedException {
    var task = Samples.task("run", REQUEST);
    var program = new Command(task.envelope().tenantId(), "/usr/bin/jq", List.of());

    assertThat(
            Samples.IN_PROCESS.run(
                new CodeCall(
                    program, Home.IN_PROCESS, task.body().input(), CodeLimits.DEFAULT, task)))
        .isEqualTo(
            new CodeOutcome.Failure(
                FailureClass.INVALID_DEFINITION,
                "commands run in a pool only, and no pool is named"));
  }

  @Test
  void shouldNotTakeTheAnswerOfAHandlerForThatOfACommand() throws InterruptedException {
    for (String other : List.of("\"done\"", "{}", "{\"stdout\":\"\",\"stderr\":\"\"}", "null")) {
      assertFailed(
          perform(answering(new Result(new Json(other))), REQUEST),
          FailureClass.INVALID_DEFINITION,
          "the image of pool tools runs no commands: stdout, stderr and exit_code expected");
    }
    assertFailed(
        perform(answering(new CodeOutcome.Deopt("no")), REQUEST),
        FailureClass.INVALID_DEFINITION,
        "runs no commands");
  }

  private static void assertFailed(WorkResult result, FailureClass failure, String detail) {
    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).failure()).isEqualTo(failure);
    assertThat(((Failed) result).detail()).contains(detail);
  }
}
