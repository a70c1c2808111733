package dev.nexus.executor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.Executor;
import dev.nexus.executor.Samples;
import dev.nexus.executor.model.NoModel;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComponentDispatchTest {
  private final Work work =
      Executor.work(
          Samples.definitions(
              Samples.application(
                  Samples.component("echo", HandlerType.BUILTIN, Map.of("function", "echo"), "{}"),
                  Samples.component("typo", HandlerType.BUILTIN, Map.of("function", "ecko"), "{}"),
                  Samples.component(
                      "evaluate",
                      HandlerType.BUILTIN,
                      Map.of("function", "candidate.evaluate"),
                      "{}"),
                  Samples.component(
                      "ask", HandlerType.LLM, Map.of("promptTemplate", "hi {{ input }}"), "{}"),
                  Samples.component(
                      "run",
                      HandlerType.BUILTIN,
                      Map.of("function", "core.linux.executeCommand"),
                      "{}"),
                  Samples.component("flow", HandlerType.WORKFLOW, Map.of(), "{}"))),
          new NoModel(),
          Samples.IN_PROCESS,
          (_, _) -> {},
          "m");

  private WorkResult perform(String component, String input) throws InterruptedException {
    return work.perform(Samples.task(component, input));
  }

  private static Json output(WorkResult result) {
    return ((Succeeded) result).output();
  }

  /// It waits for a container, so the thread that reads a lane must not do it.
  @Test
  void shouldDoCommandsAsWorkThatTakesTime() throws InterruptedException {
    assertThat(work.isInstant(Samples.task("run", "{}"))).isFalse();
    assertThat(work.isInstant(Samples.task("echo", "{}"))).isTrue();
    assertThat(perform("run", "{\"command\":\"/bin/date\"}"))
        .isEqualTo(
            Failed.of(
                FailureClass.PERMISSION,
                "the command '/bin/date' is not allowed: one of [] expected"));
  }

  @Test
  void shouldEcho() throws InterruptedException {
    assertThat(perform("echo", "{\"a\":[1]}"))
        .isEqualTo(new Succeeded(new Json("{\"a\":[1]}"), Usage.NONE));
    assertThat(work.isInstant(Samples.task("echo", "1"))).isTrue();
    assertThat(work.isInstant(Samples.task("evaluate", "1"))).isFalse();
    assertThat(work.isInstant(Samples.task("ask", "1"))).isFalse();
  }

  @Test
  void shouldSuggestTheNearestBuiltin() throws InterruptedException {
    assertThat(perform("typo", "1"))
        .isEqualTo(
            Failed.of(
                FailureClass.INVALID_DEFINITION,
                "typo: taskDetails.function: one of [candidate.evaluate, echo] expected, found"
                    + " 'ecko' (did you mean 'echo'?)"));
  }

  @Test
  void shouldSuggestTheNearestComponent() throws InterruptedException {
    assertThat(((Failed) perform("ecco", "1")).detail()).contains("(did you mean 'echo'?)");
  }

  @Test
  void shouldSayHowToConfigureAModel() throws InterruptedException {
    Failed failed = (Failed) perform("ask", "1");

    assertThat(failed.failure()).isEqualTo(FailureClass.REFUSED);
    assertThat(failed.detail()).contains("no model is configured", "NEXUS_LLM_BASE_URL");
  }

  @Test
  void shouldLeaveWorkflowsToTheRouter() throws InterruptedException {
    assertThat(((Failed) perform("flow", "1")).failure())
        .isEqualTo(FailureClass.INVALID_DEFINITION);
  }

  @Test
  void shouldEvaluateCandidates() throws InterruptedException {
    assertThat(
            output(
                perform(
                    "evaluate",
                    "{\"source\":\"function handle(i) { return {z: i.b, a: 1}; }\",\"input\":{\"b\":2}}")))
        .isEqualTo(new Json("{\"output\":{\"a\":1,\"z\":2},\"status\":\"result\"}"));
    assertThat(
            output(
                perform(
                    "evaluate",
                    "{\"source\":\"function handle(i) { deopt('why') }\",\"input\":null}")))
        .isEqualTo(new Json("{\"reason\":\"why\",\"status\":\"deopt\"}"));
    assertThat(
            output(
                    perform(
                        "evaluate",
                        "{\"source\":\"function handle(i) { throw new Error('x') }\",\"input\":1}"))
                .text())
        .contains("\"status\":\"error\"", "CRASH: Error: x");
    assertThat(((Failed) perform("evaluate", "{\"source\":1}")).detail())
        .contains("'source' (text) and 'input' expected");
  }

  @Test
  void shouldNameTheTier() {
    assertThat(work.tier(Samples.task("echo", "1"))).isEqualTo(Tier.BUILTIN);
    assertThat(work.tier(Samples.task("ask", "1"))).isEqualTo(Tier.MODEL);
    assertThat(work.tier(Samples.candidate("ask", "1", "x"))).isEqualTo(Tier.CODE);
  }
}
